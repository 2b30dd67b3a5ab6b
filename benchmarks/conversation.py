"""Makes the course of a session or subagent: prompts, API responses, tool calls, delegation,
compaction."""

from __future__ import annotations

from made import Truth
from tool_calls import Call, Workshop, make_call
from transcripts import Message, Tokens, Transcript


class Conversation:
    """One session or subagent in the making: turns of prompts, API responses and tool calls."""

    def __init__(self, file: Transcript, shop: Workshop, truth: Truth, model: str) -> None:
        self.file, self.shop, self.truth, self.model = file, shop, truth, model
        self.dice, self.client = shop.dice, file.client
        self.context = self.dice.between(14_000, 26_000)
        self.fresh = self.context
        self.turn_starts: list[int] = []
        self.agent_sizes: list[int] = []
        self.turns = 0

    def system_prompt(self) -> None:
        """What the newest client keeps of its own prompts, whenever they changed."""
        words = self.shop.wording
        tools = ",".join(
            f'{{"name":"{name}","description":"{words.prose_text(25)}",'
            f'"input_schema":{{"type":"object"}}}}'
            for name in ("Bash", "Read", "Edit", "Write", "Agent", "Skill", "WebFetch")
        )
        self.file.system_prompt(words.prose_text(240), tools)

    def prompt(self) -> None:
        """A person says something: mostly typed words, at times a command or a shell line."""
        file, dice, words = self.file, self.dice, self.shop.wording
        file.wait(20_000, 400_000) if dice.chance(0.85) else file.wait(2_000_000, 20_000_000)
        self.turn_starts.append(len(file.lines))
        file.prompt_id = dice.uuid()
        file.snapshot([path for path, _ in self.shop.files[: dice.below(6)]])
        if dice.chance(0.04):
            self.truth.n["shell"] += 1
            file.user(f'"<bash-input>git log --oneline -{dice.between(2, 30)}</bash-input>"')
            file.user(
                f'"<bash-stdout>{words.log_text(dice.between(1, 12))}</bash-stdout>'
                '<bash-stderr></bash-stderr>"'
            )
        if dice.chance(0.06):
            self.truth.n["slash"] += 1
            more = ',"origin":{"kind":"human"},"turnOrigin":"human"' if self.client.modern else ""
            args = f"<command-args>{words.title()}</command-args>"
            file.user(
                '"<command-message>tidy</command-message>\\n'
                f'<command-name>/tidy</command-name>\\n{args}"',
                more,
            )
            file.user(
                f'[{{"type":"text","text":"{words.prose_text(dice.between(10, 60))}"}}]',
                ',"isMeta":true',
            )
            return
        text = words.prose_text(dice.size((1, 1, 2, 2, 3, 4, 7, 12)))
        if dice.chance(0.08):
            text = f"{text}\\n\\n{words.log_text(dice.between(5, 80))}"
        if dice.chance(0.06):
            file.queue("enqueue", text)
            file.queue("dequeue")
        more = ',"permissionMode":"acceptEdits"'
        if self.client.modern:
            more += ',"origin":{"kind":"human"},"promptSource":"typed","turnOrigin":"human"'
        file.user(f'"{text}"', more)
        self.truth.n["typed"] += 1

    def turn(self, budget: int) -> None:
        """A prompt and all that follows until the model has nothing more to do, or `budget` bytes
        are written."""
        file, dice = self.file, self.dice
        if self.client.modern and self.turns % 2 == 0:
            self.system_prompt()
        self.turns += 1
        if not file.agent:
            self.prompt()
        for _ in range(dice.size((1, 2, 4, 6, 8, 11, 16, 30))):
            if file.size >= budget or not self.step():
                break
        while self.agent_sizes and file.size > budget / (len(self.agent_sizes) + 1):
            self.delegate(self.agent_sizes.pop())
        self.response([self._text(dice.size((1, 2, 3, 5, 9, 20)))], "end_turn")
        if file.agent:
            return
        if dice.chance(0.5):
            file.record(
                "system",
                f'"subtype":"turn_duration","durationMs":{dice.below(600_000)},"isMeta":false',
            )
        if dice.chance(0.3):
            file.record(
                "system",
                '"subtype":"stop_hook_summary","hookCount":1,"hookInfos":[{"command":"notify"}],'
                '"hookErrors":[],"level":"suggestion"',
            )
        if self.context > 155_000:
            self.compact()

    def step(self) -> bool:
        """One API response with tool calls, and their results. False when the person stopped it."""
        dice, file = self.dice, self.file
        file.wait(1_500, 25_000)
        blocks = []
        if dice.chance(0.33):
            signature = f"{dice.bits(8 * 900):x}"[: dice.size((300, 400, 500, 600, 900, 1600))]
            blocks.append(
                f'{{"type":"thinking","thinking":"{self._thought()}","signature":"{signature}"}}'
            )
        if dice.chance(0.55):
            blocks.append(self._text(dice.size((1, 1, 1, 1, 2, 4))))
        calls = [
            make_call(self.shop, self.client.modern)
            for _ in range(dice.pick((1, 1, 1, 1, 1, 1, 1, 2, 2, 3)))
        ]
        ids = [self._tool_id() for _ in calls]
        blocks += [self._tool_use(i, call) for i, call in zip(ids, calls, strict=True)]
        uuids = self.response(blocks, "tool_use")[-len(calls) :]
        for tool_use, call, uuid in zip(ids, calls, uuids, strict=True):
            self.finish(tool_use, call, uuid)
        if any(call.rejected for call in calls):
            file.user('[{"type":"text","text":"[Request interrupted by user for tool use]"}]')
            return False
        if dice.chance(0.012) and not file.agent:
            self.interject()
        if dice.chance(0.004):
            self.truth.n["synthetic"] += 1
            file.synthetic_error()
        return True

    def finish(self, tool_use: str, call: Call, uuid: str) -> None:
        """A call's result, with what the client notes beside it."""
        file, dice = self.file, self.dice
        file.wait(30, 6_000)
        self.truth.call(call)
        if self.client.progress and dice.chance(0.25):
            file.progress(
                '{"type":"hook_progress","hookEvent":"PreToolUse",'
                '"hookName":"PreToolUse:Bash","command":"check"}',
                tool_use,
            )
        before = file.size
        file.result(tool_use, call, uuid)
        grown = (file.size - before) // (12 if self.client.modern else 8)
        self.fresh += grown
        self.context += grown
        if call.pull_request:
            number = call.pull_request.rsplit("/", 1)[1]
            file.bare(
                "pr-link",
                f'"prNumber":{number},"prUrl":"{call.pull_request}",'
                f'"prRepository":"example","timestamp":"{file.stamp()}"',
            )
        if self.client.attachments and dice.chance(0.04):
            file.record(
                "attachment",
                f'"attachment":{{"type":"hook_success","hookName":"PostToolUse:{call.name}",'
                f'"hookEvent":"PostToolUse","toolUseID":"{tool_use}","content":"",'
                f'"stdout":"{self.shop.wording.log_text(4)}","stderr":"","exitCode":0}}',
            )

    def delegate(self, size: int) -> None:
        """A subagent of about `size` bytes does a part of the work, in a file of its own."""
        dice, file, words = self.dice, self.file, self.shop.wording
        agent, tool_use, task, prompt = (
            f"a{dice.hexadecimal(16)}",
            self._tool_id(),
            words.title(),
            words.prose_text(dice.between(4, 20)),
        )
        kind = dice.pick(("Explore", "general-purpose", "reviewer"))
        given = f'{{"description":"{task}","prompt":"{prompt}","subagent_type":"{kind}"}}'
        call = Call(self.client.agent_tool, given, "", "")
        (source,) = self.response([self._tool_use(tool_use, call)], "tool_use")
        folder = file.path.with_suffix("") / "subagents"
        own = Transcript(
            folder / f"agent-{agent}.jsonl",
            dice,
            self.client,
            file.session,
            file.cwd,
            file.now,
            agent,
        )
        model = self.client.small_model if dice.chance(0.5) else self.model
        worker = Conversation(own, self.shop, self.truth, model)
        own.user(f'"{prompt}"')
        while own.size < size:
            worker.turn(size)
        self.truth.saved(own)
        own.save()
        meta = (
            f'{{"agentType":"{kind}","description":"{task}",'
            f'"toolUseId":"{tool_use}","spawnDepth":1}}\n'
        )
        own.path.with_suffix(".meta.json").write_text(meta, encoding="utf-8")
        for data in own.echoes:
            file.progress(data, tool_use)
        answer = f'[{{"type":"text","text":"{words.prose_text(dice.between(4, 30))}"}}]'
        outcome = (
            f'{{"status":"completed","prompt":"{prompt}","agentId":"{agent}","content":{answer},'
            f'"totalDurationMs":{own.now - file.now},"totalTokens":{worker.context},'
            f'"totalToolUseCount":9}}'
        )
        file.now = own.now
        self.finish(tool_use, Call(call.name, given, answer, outcome), source)

    def interject(self) -> None:
        """Words typed while the model works and taken up in the turn."""
        file, text = self.file, self.shop.wording.prose_text(2)
        self.truth.n["queued"] += 1
        file.queue("enqueue", text)
        file.wait(500, 5_000)
        file.queue("remove")
        if self.client.attachments:
            file.record(
                "attachment",
                f'"attachment":{{"type":"queued_command","prompt":"{text}","commandMode":"prompt",'
                f'"origin":{{"kind":"human"}},"humanTurn":true}}',
            )

    def response(self, blocks: list[str], stop: str) -> list[str]:
        """An API response of these blocks, its usage fitting to what was said so far."""
        dice = self.dice
        output = sum(map(len, blocks)) // 4 + dice.between(5, 200)
        one_hour = self.fresh if not self.file.agent and dice.chance(0.6) else 0
        tokens = Tokens(
            dice.between(3, 40), output, self.context - self.fresh, self.fresh - one_hour, one_hour
        )
        self.context += output
        self.fresh = output
        message = Message(
            f"msg_01{dice.hexadecimal(22)}",
            f"req_011{dice.hexadecimal(21)}",
            self.model,
            tokens,
            blocks,
            stop,
        )
        self.truth.response(message, self.file.agent)
        return self.file.message(message)

    def compact(self) -> None:
        """The conversation is summarised and goes on from there."""
        self.truth.n["compactions"] += 1
        self.file.compaction(self.shop.wording.prose_text(self.dice.between(30, 80)), self.context)
        self.context = self.fresh = self.dice.between(18_000, 40_000)

    def bookkeeping(self) -> None:
        """The lines that the client appends again and again near the end."""
        file, words = self.file, self.shop.wording
        file.bare("last-prompt", f'"lastPrompt":"{words.title()}","leafUuid":{file.parent}')
        file.bare("mode", '"mode":"normal"')
        file.bare("permission-mode", '"permissionMode":"acceptEdits"')
        if self.client.attachments:
            file.bare("ai-title", f'"aiTitle":"{words.title()}"')
        else:
            file.add(f'{{"type":"summary","summary":"{words.title()}","leafUuid":{file.parent}}}')

    def _text(self, sentences: int) -> str:
        return f'{{"type":"text","text":"{self.shop.wording.prose_text(sentences)}"}}'

    def _thought(self) -> str:
        return (
            self.shop.wording.prose_text(self.dice.between(1, 12)) if self.dice.chance(0.7) else ""
        )

    def _tool_id(self) -> str:
        return f"toolu_01{self.dice.hexadecimal(22)}"

    def _tool_use(self, tool_use: str, call: Call) -> str:
        return f'{{"type":"tool_use","id":"{tool_use}","name":"{call.name}","input":{call.input}}}'
