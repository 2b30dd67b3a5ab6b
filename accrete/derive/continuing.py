"""Whether a prompt only greets, thanks, agrees or asks to continue, in the languages we know."""

from __future__ import annotations

import re
import unicodedata

from accrete.text.terms import words

FEW = 12
"""Different words that say no more than to go on; of a script without spaces three times as many
characters."""

_ASSENTS = frozenset(
    words(
        "ok okay yes yep yeah yup no nope sure y n k hi hello hey hallo hola there good morning "
        "afternoon evening claude thanks thank you great cool perfect nice fine right correct "
        "please pls and then now just lets let's test testing ping done what why how help stop "
        "wait undo do it that try again retry here for ahead on going vale gracias sí si ja nein "
        "bitte danke mach oui merci vas-y да нет привет спасибо tak evet sim obrigado"
    )
)
"""Greetings, thanks, assents, bare questions."""
_ASSENTS_UNSPACED = frozenset(
    [
        "好",
        "好的",
        "是",
        "是的",
        "对",
        "可以",
        "行",
        "嗯",
        "你好",
        "谢谢",
        "はい",
        "お願いします",
        "ありがとう",
        "こんにちは",
        "네",
        "예",
        "안녕",
        "감사합니다",
    ]
)

_SPACED = (
    (
        "continue continuing contineu proceed resume keep carry go next pick",
        "please pls plz kindly just now then ok okay yes yep sure and so with on ahead up going "
        "from where what when you u we i it this that the to at of in left off stopped were was "
        "are am had have been doing do did working work task tasks job same step steps point "
        "again back your my our last previous message session conversation chat interrupted can "
        "could would will let lets s me us claude thanks thank",
    ),
    (
        "weiter weitermachen weiterarbeiten fortfahren fort fortsetzen",
        "mach mache machen arbeite fahre fahr setze bitte da dort wo du wir ihr aufgehört "
        "aufgehoert hast haben waren warst stehen geblieben bist sind einfach jetzt nun dann ja "
        "ok und so es das damit an der stelle kannst den die arbeit",
    ),
    (
        "continúa continua continuar continúe continue sigue seguir siga prosigue prosiga adelante",
        "por favor con eso esto lo la el donde dónde desde dejaste quedaste estabas haciendo que "
        "puedes ya ahora y vale sí si bien te de en tarea trabajo",
    ),
    (
        "continue continuer continuez poursuis poursuivre "
        "poursuivez reprends reprendre reprenez vas allez",
        "s il te vous plaît plait stp svp y à là où tu en es étais le la les travail tâche avec "
        "oui ok ça et merci peux pouvez dès arrêté as t",
    ),
    (
        "continua continue continuar prossiga prosseguir siga prossegue",
        "por favor de onde parou você voce parar estava "
        "com isso o a tarefa trabalho sim ok e pode agora",
    ),
    (
        "continua continuare procedi procedere prosegui proseguire avanti vai",
        "per favore da dove eri rimasto ti sei fermato hai "
        "interrotto con il lavoro pure sì si ok e puoi ora",
    ),
    (
        "door verder doorgaan voortzetten",
        "ga gaan maar graag alsjeblieft alstublieft aub waar "
        "je gebleven was bent met het werk ja ok en kun nu",
    ),
    (
        "fortsätt fortsett fortsæt fortsätta",
        "tack snälla vær så snill venligst gerne med där du slutade hvor slap och og ja nu arbetet",
    ),
    (
        "kontynuuj kontynuować dalej",
        "proszę prosze rób idź działaj od miejsca w którym skończyłeś tak i pracę zadanie",
    ),
    (
        "pokračuj pokračujte pokračovat dál",
        "prosím kde jsi skončil od ano a v práci",
    ),
    (
        "продолжай продолжи продолжайте продолжить продолжаем дальше далее",
        "пожалуйста давай с того места где ты остановился остановились да и ок работу делай",
    ),
    (
        "продовжуй продовжи продовжуйте далі",
        "будь ласка давай з того місця де ти зупинився так і роботу роби",
    ),
    (
        "devam sürdür",
        "et edin edelim lütfen kaldığın yerden evet ve işe tamam",
    ),
    (
        "tiếp tục",
        "hãy đi làm ơn nào nhé vâng từ chỗ",
    ),
    (
        "lanjut lanjutkan teruskan",
        "tolong silakan ya dari yang tadi dong saja",
    ),
    (
        "استمر أكمل اكمل تابع واصل",
        "من فضلك لو سمحت حيث توقفت نعم العمل",
    ),
    (
        "תמשיך המשך תמשיכי",
        "בבקשה מאיפה שעצרת כן",
    ),
    (
        "जारी",
        "रखें रखो रखिए कृपया हाँ को",
    ),
)
"""For each language: words of which one must be there, and words that may be beside them."""
_SETS = [
    (frozenset(words(core)), _ASSENTS.union(words(f"{core} {beside}"))) for core, beside in _SPACED
]
_EMPTY = _ASSENTS.union(*(core for core, _ in _SETS))
_LONGEST_PIECE = 9
_UNSPACED = tuple(
    (re.compile(core), re.compile(pieces))
    for core, pieces in (
        ("继续|繼續|接着|接著|往下|下去|接下[来來]|下一步",
         "继续|繼續|接着|接著|往下|下去|接下[来來]|下一步|[请請你您那就好嗯做干幹吧啊呀了的从從把它]|进行|進行|执行|執行|完成|工作|任[务務]|剩下|剩余|"
         "[刚剛]才|上次|之前|一下|中[断斷]|停下|地方|[开開]始|[帮幫]我|可以|往前"),
        ("続|つづけ|再開|進めて|すすめて|次",
         "続けて|続き|つづけて|つづき|続行|続ける|再開|進めて|すすめて|次|そのまま|作業|処理|[をのからでにはもへねよし]|して|やって|い?って|行って|ください|"
         "下さい|くれ|お?願い|おねがい|ます|致し|いたし|どうぞ|では|じゃあ|いい|です"),
        ("계속|이어|진행",
         "계속|이어서?|진행|다음|작업|하던|[거것을를해하자줘요고서네응예로면돼]|그대로|주세요|세요|부탁|드려요|드립니다|합니다|해라|좋아|가자|으로|시|주십시오|십시오"),
        ("ต่อ|ดำเนินการ", "ทำ|ต่อ|ไป|เลย|ครับ|ค่ะ|คะ|นะ|ดำเนินการ|จาก|ที่|ค้าง|ไว้|ช่วย|ได้|กรุณา|โปรด"),
    )
)  # fmt: skip


def says_nothing(line: str) -> bool:
    """Whether a line only greets, agrees or asks to go on."""
    return len(said := words(line)) > 0 and (
        _EMPTY.issuperset(said) or _joined(line) in _ASSENTS_UNSPACED or only_continues(line)
    )


def only_continues(line: str) -> bool:
    """Whether a line says no more than to go on."""
    said = set(words(line))
    if 0 < len(said) <= FEW and any(
        said <= known and not core.isdisjoint(said) for core, known in _SETS
    ):
        return True
    if not 0 < len(line) <= 3 * FEW:
        return False
    joined = _joined(line)
    return any(core.search(joined) and _consists_of(pieces, joined) for core, pieces in _UNSPACED)


def _joined(line: str) -> str:
    return re.sub(r"[\s.,!?;:~…。！？、，～·]+", "", unicodedata.normalize("NFC", line))


def _consists_of(pieces: re.Pattern[str], text: str) -> bool:
    """Whether a text is pieces and nothing else. Each place is asked once: a repeated group would
    try every way to cut what can be cut in two ways."""
    reached = {0}
    for at in range(len(text)):
        if at in reached:
            reached.update(end for end in range(at + 1, min(at + _LONGEST_PIECE, len(text)) + 1)
                           if pieces.fullmatch(text, at, end))  # fmt: skip
    return len(text) in reached
