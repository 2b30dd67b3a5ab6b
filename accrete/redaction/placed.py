"""Secrets known by their place: URLs, headers, command arguments, credential files.

Longer than a module should be because a table of places is read as one piece.
"""

from __future__ import annotations

import re

from accrete.redaction.judge import (
    LIKELY,
    RANDOM,
    has_odd_case,
    is_drawn,
    is_pair,
    is_placeholder,
    is_random,
    is_secret,
)
from accrete.redaction.patterns import END, Pattern, any_case
from accrete.redaction.secret_names import SECRET, strength
from accrete.text.lazy import lazy

_VARIABLE = lazy(
    r"^\$|\$\{|\{\{|^\{|^%[A-Z_]+%|%[A-Z_]{3,}%|^%[a-z]$|^<|\*{2}|^x+$|^pass(word|wd)?$|^secret$|^pwd$|^pw$|^user$|^token$|example|redacted|your",
    re.IGNORECASE | re.ASCII,
)


def given(value: str) -> bool:
    """Whether it is a value, not a variable or a word that stands for one."""
    return _VARIABLE.search(value) is None and not value.isdigit()


def is_password(value: str) -> bool:
    """Whether it is a value that could be somebody's password, not a word."""
    return given(value) and (is_random(value, 8) or is_secret("password", value))


_password = is_password


def _drawn_password(value: str) -> bool:
    return given(value) and is_random(value, 10) and re.search("[0-9]", value) is not None


def _basic(value: str) -> bool:
    """A password behind a user's name that is then encoded; no address and no image."""
    return _password(value) and not value.startswith("//") and ";base64," not in value


_OPTION = lazy(r"(?:roto|ort|ager|rompt|ipe|lugin|assword|rint|arallel)[a-z_-]*(?:=.*)?$")


def _mysql(value: str) -> bool:
    """What follows `-p` and is no option that begins with it."""
    return given(value) and _OPTION.match(value) is None


def _no_archive(value: str) -> bool:
    return given(value) and re.search(r"\.(?:zip|7z|jar|war|docx|xlsx)$", value) is None


_TAKES_USER = lazy(
    r"(?<![A-Za-z0-9])(?:curl|wget|https?|xh|xhs|httpie|mvn|ab|hey|bombardier|k6|smbclient|"
    r"rpcclient|net|influx|etcdctl|consul|neo4j|jf|jfrog|skopeo|podman|"
    r"buildah|crane|svn|mongosh?|es|elasticsearch[a-z-]*|nuget|vegeta|siege|rabbitmqadmin|couchdb|"
    r"lftp|ftp|sftp|aria2c|axel|xfreerdp|winexe|crackmapexec|evil-winrm|"
    r"snyk|newman|cqlsh|nats|mc|swift|cadaver|davfs|restic|rclone|drill|oha|plow|"
    r"autocannon)(?:\.exe)?(?![A-Za-z0-9])|(?:^|[ \t\"'])\$\{?[A-Za-z]*(?:CURL|HTTP)",
    re.IGNORECASE,
)
_FIRST_WORD = lazy(r"[A-Za-z./~]")


def _of_user(text: str, at: int) -> bool:
    """Whether the arguments before `at` are of a command that takes user:password, or of one that
    is not seen."""
    start = max(0, at - 2000)
    before = re.split(r"(?<!\\)\n|[|;&](?![^ \t]*=)", text[start:at])[-1]
    return _TAKES_USER.search(before) is not None or _FIRST_WORD.search(before) is None


_VALUE_THEN_NAME = lazy(
    r"[\\]{0,7}[\"']?[ \t]{0,3},?[ \t\r\n]{0,40}[\\]{0,7}[\"']?(?:name|Name|NAME|key|"
    r"Key)[\\]{0,7}[\"']?[ \t]{0,3}[:=][ \t]{0,3}[\\]{0,7}[\"']?(?P<name>[A-Za-z0-9_.-]{2,120})"
)


def _named_after(text: str, at: int) -> bool:
    """Whether the value from `at` on is a secret by the name that follows it."""
    value = re.compile(r"[^:=]*[:=][ \t]*[\\]*[\"']?([^\x00-\x20\"'`\\<>,{}]+)").match(text, at)
    name = _VALUE_THEN_NAME.match(text, value.end()) if value is not None else None
    return value is not None and name is not None and is_secret(name["name"], value[1])


_FIELD = lazy(r"form-data;[ ]name=[\\]{0,3}\"(?P<name>[^\"\\\n]{2,80})")
_PRINTED = lazy(r"(?P<name>[A-Za-z0-9_.-]{2,60})=%s")


def _named_field(text: str, at: int) -> bool:
    """Whether the field of a form that begins at `at` is named like a secret."""
    field = _FIELD.match(text, at)
    return field is not None and strength(field["name"]) >= SECRET


def _named_format(text: str, at: int) -> bool:
    """Whether a format that begins at `at` gives its argument to the name of a secret."""
    printed = _PRINTED.match(text, at)
    return printed is not None and strength(printed["name"]) >= SECRET


_DEFAULT_COMMUNITY = lazy(
    r"(?:public|private|community|string|name|read|write|traps?|informs?|version|manager|map|ro|rw)"
    r"[-_]?(?:string|name|ro|rw)?$",
    re.IGNORECASE,
)


def _community(value: str) -> bool:
    """The community of SNMP is its password: no word that stands for one, and none that everybody
    knows."""
    return (
        given(value)
        and not is_placeholder(value)
        and _DEFAULT_COMMUNITY.match(value) is None
        and (re.search("[0-9]", value) is not None or is_random(value, 8, LIKELY))
    )


def _slashed(value: str) -> bool:
    """A password with slashes that should have been escaped, not a port and a path."""
    return re.match("[0-9]{2,5}/", value) is None and is_random(value, 10, RANDOM) and given(value)


def _long(value: str) -> bool:
    return is_random(value, 16) and given(value) and not is_placeholder(value)


def _credential(value: str) -> bool:
    """What follows the scheme in an Authorization header."""
    return is_pair(value) or (not is_placeholder(value) and is_random(value, 12))


def _cookie(value: str) -> bool:
    """Whether a cookie header carries more than settings."""
    values = [piece.partition("=")[2].strip() for piece in value.split(";")]
    return any(is_random(one, 12) and not is_placeholder(one) for one in values)


def _short_cookie(value: str) -> bool:
    """The same where a command sends it."""
    values = [piece.partition("=")[2].strip() for piece in value.split(";")]
    return any(is_drawn(one) and given(one) and not is_placeholder(one) for one in values)


def _user_token(value: str) -> bool:
    return is_random(value, 18) and given(value)


_PROSE = frozenset(
    {
        "the",
        "and",
        "for",
        "with",
        "from",
        "are",
        "was",
        "not",
        "has",
        "have",
        "its",
        "into",
        "any",
        "all",
        "but",
        "our",
        "you",
        "can",
        "will",
    }
)


def _no_sentence(value: str) -> bool:
    """Words of a list, which has none that only join others."""
    return not _PROSE & set(re.findall("[a-z]+", value))


def _told(value: str) -> bool:
    """What is said to be somebody's secret in a sentence: no word and no version."""
    return (
        given(value)
        and not is_placeholder(value)
        and _SEPARATED.search(value) is None
        and is_random(value, 8, LIKELY)
        and _TELLING.search(value) is not None
        and (re.search("[0-9]", value) is not None or has_odd_case(value))
    ) or (re.fullmatch("[0-9a-f]{8,}", value) is not None and is_drawn(value))


_TELLING = lazy("[0-9]|[a-z][A-Z]")
_SEPARATED = lazy(r"[-_./][A-Za-z]{3,}[-_./]|\.[a-z]{1,4}$|[()\[\]{}=<>]|^[-/~.]")
"""Names of files, identifiers and code."""
_CALLED = (
    "(?:"
    + "|".join(
        map(
            any_case,
            ("password", "passphrase", "passcode", "passwd", "pw", "pwd", "token", "secret", "pin"),
        )
    )
    + "|(?:"
    + "|".join(map(any_case, ("api", "access", "secret", "private", "master")))
    + ")[ _-]?"
)
_CALLED += any_case("key") + ")"
"""What people call a secret."""
_ITS_NAME = (
    r"(?:[Ii]s|[Ww]as|as|for|=)[ ](?:(?:the|a|an|my|our|your|his|her|their|its|this)[ ])?"
    rf"(?:[a-z]{{2,12}}[ ])?[`\"'\x2a]{{0,2}}{_CALLED}[`\"'\x2a]{{0,2}}"
)
Q = r"[\\]{0,3}[\"'`]?"
"""A quote, escaped or not, or none."""
_COOKIES = (
    r"(?P<v>[A-Za-z0-9_.$%-]{1,80}=[^\x00-\x20;,\"'`\\<>]+(?:;[ "
    r"]?[A-Za-z0-9_.$%-]{1,80}(?:=[^\x00-\x20;,\"'`\\<>]*)?)*)"
)
_MYSQL = "mysql|mysqldump|mysqladmin|mysqlimport|mysqlshow|mysqlcheck|mysqlsh|mycli|mariadb|mariadb-dump|mariadb-admin"
_WITH_P = (
    r"sshpass|smbmap|crackmapexec|netexec|nxc|useradd|usermod|docker login|podman login|buildah login|skopeo login|helm registry login|az login|"
    r"oc login|mongo|mongosh|mongodump|mongorestore|mongoexport|mongoimport|cf login|nerdctl login|"
    r"influx|cqlsh|snowsql|cypher-shell|twine upload|poetry publish|ps[Ee]xec(?:64)?(?:\.exe)?|Ps[Ee]xec(?:64)?(?:\.exe)?|"
    r"security (?:unlock|create)-keychain|rabbitmqadmin|clickhouse-client|wbadmin|tctl|argocd login|"
    r"rdesktop|ncftp(?:put|get|ls)?|evil-winrm|hydra|medusa|dotnet nuget (?:add|update) source|"
    r"altool|expo login|eas login|crane auth login|yt-dlp|youtube-dl"
)

_READERS = (
    r"gcloud[ \t]secrets[ \t](?:create|versions[ \t]add)|vercel[ \t]env[ \t]add|"
    r"firebase[ \t]functions:secrets:set|(?:kubectl|oc)[ \t]create[ \t]secret|(?:smb)?passwd|"
    r"cryptsetup|kubeseal|pass[ \t]insert|lpass[ \t]add|bw[ \t](?:login|unlock)"
)
_READS = (
    r"(?:(?:gh|wrangler|npx wrangler|docker|podman)[ \t]secret[ \t](?:set|put|create)|"
    rf"vault[ \t]login|cargo[ \t]login|{_READERS})"
)
"""Commands that read a secret from what is piped into them."""
_READ_HINTS = (
    "gcloud secrets\nvercel env\nfunctions:secrets\nreate secret\npasswd\ncryptsetup\nkubeseal\n"
    "pass insert\nlpass add\nbw login\nbw unlock"
)
_FILLS = (
    r"(?:fill|type|pressSequentially|press_sequentially|fill_in|send_keys|sendKeys|setValue|"
    r"set_value|typeText|replaceText|enterText)"
)
"""What puts a text into a field of a page."""
_FILL_HINTS = (
    ".fill(\n.type(\nressSequentially(\npress_sequentially(\nsend_keys(\nsendKeys(\nsetValue(\nset_value(\n"
    "typeText(\nreplaceText(\nenterText(\nfill_in"
)
_WITH_CAPITAL_P = r"sqlcmd|osql|bcp|mosquitto_(?:pub|sub|rr)|ipmitool|tsql|isql|security[ \t]import"
_ARGS = r"(?:(?:[^\n|;&]|\\\r?\n){0,400}[ \t])?"
"""The arguments before, over lines that a backslash joins."""
_V = r"(?P<v>[^\x00-\x20\"'`\\<>]{4,200})"
_NOT_A_FLAG = r"(?P<v>[^\x00-\x20\"'`\\<>/*-][^\x00-\x20\"'`\\<>]{3,200})"
_MS = "https://learn.microsoft.com/windows-server/administration/windows-commands/windows-commands"
_ORACLE = (
    "https://docs.oracle.com/en/database/oracle/oracle-database/19/sqpug/starting-SQL-Plus.html"
)
_DEVICES = (
    "https://github.com/intentionet/netconan/blob/master/netconan/default_pwd_regexes.py "
    "Netconan, after RANCID"
)
_SNMPD = "https://www.net-snmp.org/docs/man/snmpd.conf.html"
_POSTGRES = "https://www.postgresql.org/docs/current/sql-alterrole.html"

AWS_CONFIGURE = "https://docs.aws.amazon.com/cli/latest/reference/configure/"
CURL = "https://curl.se/docs/manpage.html"
RFC9110 = "https://www.rfc-editor.org/rfc/rfc9110#name-authorization"

PLACED: tuple[Pattern, ...] = (
    Pattern("assigned-secret", "ass\nASS\npw\nPW\noken\nOKEN\necret\nECRET\npin\nPIN\nkey\nKEY\nKey",
            r"(?:[\"'`*( \t]|\n|^)(?P<v>[A-Za-z0-9][^\x00-\x20\"'`\\<>,;]{7,199})[\"'`*)]{0,3},?[ ]" + _ITS_NAME + r"(?:[^A-Za-z0-9_ -]|$|[ ](?:for|of|to|from|that|you|we|on|now|and|but|when|with|if)(?:[^A-Za-z]|$))",
            "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
            r"[ ]" + _ITS_NAME.replace("{2,12}", "{2,}"), _told),  # a sign counts no further than it must
    Pattern("url-password", "://",
            r"://[^\x00-\x20/:@\"'<>`\\]{0,80}:(?P<v>[^\x00-\x20/:@\"'<>`\\]{1,100}(?:/{1,2}[^\x00-\x20/:@\"'<>`\\]{1,100}){1,6})@[A-Za-z0-9\[$%{(]",
            "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1", r"://[^\x00-\x20/@]*:[^\x00-\x20@]*@", _slashed),
    Pattern("url-password", "://",
            r"://[^\x00-\x20/:@\"'<>`\\]{0,80}:(?P<v>[^\x00-\x20/\"'<>`\\]{3,200})@[A-Za-z0-9\[$%{(]",
            "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1", r"://[^\x00-\x20/@]*@", given),
    Pattern("url-token", "://",
            r"://(?P<v>[A-Za-z0-9_%.=-]{18,255})(?::x-oauth-basic|:)?@[A-Za-z0-9\[$%{(]",
            "https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api",
            r"://[^\x00-\x20/@]*@", _user_token),
    Pattern("authorization-header", "uthorization\nUTHORIZATION",
            "(?:[Aa]uthorization|AUTHORIZATION)" + r"[\\]{0,3}[\"'`\])]{0,2}[ \t]{0,3}[:=,>][ \t]{0,3}[\\]{0,3}[\"'`]?[A-Za-z][A-Za-z0-9]{1,15}[\\]{0,3}[ \t]{1,3}(?P<v>[A-Za-z0-9+/=_.~:,-]{8,})",
            RFC9110, "(?:[Aa]uthorization|AUTHORIZATION)", _credential),
    Pattern("authorization-header", "earer",
            r"[Bb]earer[\\]{0,3}[ \t]{1,3}" + Q + r"(?P<v>[A-Za-z0-9+/=_.~-]{16,})",
            "https://www.rfc-editor.org/rfc/rfc6750", r"[Bb]earer[\\]*[ \t]", _credential),
    Pattern("url-signature", "ignature=", r"[Ss]ignature=(?P<v>[0-9a-f]{64,})",
            "https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html"),
    Pattern("cookie", "ookie", r"[Cc]ookie2?[\\]{0,3}[\"'`\])]{0,2}[ \t]{0,3}[:=,][ \t]{0,3}" + Q + _COOKIES,
            "https://www.rfc-editor.org/rfc/rfc6265", "[Cc]ookie", _cookie),
    Pattern("cookie", "COOKIE",
            r"COOKIES?[\\]{0,3}[\"'`\])]{0,2}[ \t]{0,3}[:=,][ \t]{0,3}" + Q + _COOKIES,
            "https://www.rfc-editor.org/rfc/rfc6265", "COOKIE", _cookie),
    Pattern("cookie", " -b\n\t-b\n--cookie", r"[ \t](?:-b|--cookie)[ \t=]{1,3}" + Q + _COOKIES,
            CURL, r"[ \t](?:-b|--cookie)[ \t=]", _short_cookie),
    Pattern("user-password", " -u\n -U\n\t-u\n\t-U\n --user\n --proxy-user\n -a\n --auth\n --basic\n --cred\n --http-user\n\t-", r"[ \t](?:-u|-U|--user|--proxy-user|-a|--auth|--basic|--creds|--credentials|--http-user)[ \t=]{0,3}" + Q +
            r"[A-Za-z0-9_.@+%-]{1,80}:(?P<v>[^\x00-\x20\"'`\\<>]{4,200})", CURL,
            r"[ \t](?:-u|-U|--user|--proxy-user|-a|--auth|--basic|--creds|--credentials|--http-user)[^\n:]*:", _password, _of_user),
    Pattern("command-password", "mysql\nmariadb\nmycli",
            rf"(?:{_MYSQL})[ \t](?:[^\n|;&]{{0,400}}[ \t])?-p" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>]{4,200})",
            "https://dev.mysql.com/doc/refman/8.4/en/password-security-user.html",
            rf"(?:{_MYSQL})[ \t][^\n]*-p", _mysql),
    Pattern("command-password",
            "rdesktop\nncftp\nevil-winrm\nhydra\nmedusa\nnuget \nsshpass\nsmbmap\ncrackmapexec\nnetexec\nnxc\nuseradd\nusermod\ndocker login\npodman login\nbuildah login\nskopeo login\nregistry login\naz login\noc login\ncf login\nnerdctl login\nargocd login\ntctl\nwbadmin\nclickhouse-client\nmongo\ninflux\ncqlsh\nsnowsql\ncypher-shell\ntwine upload\npoetry publish\nsexec\nsExec\n-keychain\nrabbitmqadmin\naltool\nexpo login\neas login\ncrane auth\nyt-dlp\nyoutube-dl", rf"(?:{_WITH_P})[ \t](?:[^\n|;&]{{0,400}}[ \t])?-p[ \t=]{{0,3}}" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>-][^\x00-\x20\"'`\\<>]{3,200})",
            "https://docs.docker.com/reference/cli/docker/login/", rf"(?:{_WITH_P})[ \t][^\n]*-p",
            given),
    Pattern("command-password", "redis-",
            r"redis-(?:cli|benchmark)[ \t](?:[^\n|;&]{0,400}[ \t])?(?:-a|--pass)[ \t=]{1,3}" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>]{4,200})",
            "https://redis.io/docs/latest/develop/tools/cli/",
            r"redis-[a-z]+[ \t][^\n]*-(?:a|-pass)", given),
    Pattern("command-password", "ldap\nsecurity",
            r"(?:ldap(?:search|modify|add|delete|passwd|whoami)|security[ \t](?:add|set)-[a-z-]+)[ \t](?:[^\n|;&]{0,400}[ \t])?-w[ \t]{0,3}" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>]{4,200})",
            "https://www.openldap.org/software/man.cgi?query=ldapsearch",
            r"(?:ldap[a-z]+|security)[ \t][^\n]*-w", given),
    Pattern("command-password", "zip",
            r"(?:unzip|zip)[ \t](?:[^\n|;&]{0,400}[ \t])?-P[ \t]{0,3}" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>]{4,200})",
            "https://infozip.sourceforge.net/UnZip.html", r"zip[ \t][^\n]*-P", _no_archive),
    Pattern("command-password", "7z",
            r"7z[a-z]?[ \t](?:[^\n|;&]{0,400}[ \t])?-p" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>]{4,200})",
            "https://7-zip.opensource.jp/chm/cmdline/switches/password.htm",
            r"7z[a-z]?[ \t][^\n]*-p", given),
    Pattern("command-password", "htpasswd",
            r"htpasswd[ \t]+-[A-Za-z0-9]*b[A-Za-z]*[ \t]+[^\n|;&]{0,400}[ \t]" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>]{4,200})",
            "https://httpd.apache.org/docs/2.4/programs/htpasswd.html", "", _password),
    Pattern("command-password", "chpasswd",
            Q + r"[a-z_][a-z0-9_.-]{0,31}:(?P<v>[^\x00-\x20\"'`\\<>|]{4,200})[\\]{0,3}[\"'`]?[ \t]{0,4}\|[ \t]{0,4}(?:sudo[ \t]{1,4})?chpasswd",
            "https://man7.org/linux/man-pages/man8/chpasswd.8.html", "", given),
    Pattern("command-password", "pass:",
            r"-pass(?:in|out)?[ \t]{1,3}" + Q + r"pass:(?P<v>[^\x00-\x20\"'`\\<>]{4,200})",
            "https://docs.openssl.org/master/man1/openssl-passphrase-options/", "", given),
    Pattern("command-password",
            "sudo\n-stdin\n-fd\n--with-token\n--password\n--token\n--passphrase\nsecret set\nsecret put\nsecret create\nvault login\ncargo login\n" + _READ_HINTS, r"(?:echo|printf)[ \t]{1,4}(?:-[a-zA-Z]{1,3}[ \t]{1,4}|[\"']?%s(?:\\n)?[\"']?[ \t]{1,4})?" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>|]{4,200}(?:[\\]{1,4}n[^\x00-\x20\"'`\\<>|]{4,200})?)[\\]{0,3}[\"'`]?[ \t]{0,4}\|[ \t]{0,4}(?:sudo[ \t]{1,4}-S|(?:sudo[ \t]+)?" + _READS + r"|[^\n|;&]{0,120}--(?:with-token|(?:password|passphrase|token)-?(?:stdin|fd)))",
            "https://docs.docker.com/reference/cli/docker/login/#password-stdin",
            r"\|[ \t]*(?:sudo[ \t]+-S|(?:sudo[ \t]+)?" + _READS + r"|[^\n|]*--(?:with-token|(?:password|passphrase|token)-?(?:stdin|fd)))", given),
    Pattern("sql-password", "dentified\nDENTIFIED",
            "(?:[Ii]dentified|IDENTIFIED)[ \t]{1,3}(?:" + any_case("with") + r"[ \t]{1,3}[^\x00-\x20]{1,40}[ \t]{1,3})?" + any_case("by") + r"[ \t]{1,3}(?:" + any_case("password") + r"[ \t]{1,3})?[\\]{0,3}[\"'](?P<v>[^\x00-\x20\"'\\]{4,200})",
            "https://dev.mysql.com/doc/refman/8.4/en/create-user.html",
            "(?:[Ii]dentified|IDENTIFIED)[ \t]", given),
    Pattern("command-password", "ConvertTo-SecureString",
            r"ConvertTo-SecureString[ \t]{1,3}(?:-String[ \t]{1,3})?[\\]{0,3}[\"'](?P<v>[^\x00-\x20\"'\\]{4,200})",
            "https://learn.microsoft.com/powershell/module/microsoft.powershell.security/convertto-securestring", "", given),
    Pattern("command-password", " -U\n\t-U\n --user\n\t--user",
            r"[ \t](?:-U|--user)[ \t=]{0,3}" + Q + r"[A-Za-z0-9_.@\\-]{1,80}%(?P<v>[^\x00-\x20\"'`\\<>]{4,200})",
            "https://www.samba.org/samba/docs/current/man-html/smbclient.1.html",
            r"[ \t](?:-U|--user)[^\n%]*%", _password),
    Pattern("netrc-password", "password",
            r"\bmachine[ \t\n]{1,4}[A-Za-z0-9.-]{3,80}[ \t\n]{1,4}login[ \t\n]{1,4}[^\x00-\x20]{1,80}[ \t\n]{1,4}password[ \t\n]{1,4}(?P<v>[^\x00-\x20\"']{4,120})",
            "https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html",
            r"login[ \t\n]+[^\x00-\x20]+[ \t\n]+password", given),
    Pattern("pgpass-password", ":5\n:6\n:*:",
            r"[A-Za-z0-9.*_-]{1,100}:(?:5[0-9]{3}|6[0-9]{3}|\*):[A-Za-z0-9_*-]{1,63}:[A-Za-z0-9_.*-]{1,63}:(?P<v>[^\x00-\x20\"'`\\<>:]{6,200})",
            "https://www.postgresql.org/docs/current/libpq-pgpass.html",
            r":(?:[56][0-9]{3}|\*):[A-Za-z0-9_*-]+:[A-Za-z0-9_.*-]+:", _password),
    Pattern("putty-key", "Private-Lines",
            r"Private-Lines: [0-9]{1,3}\r?\n(?P<v>(?:[A-Za-z0-9+/=]{4,}\r?\n?)+)",
            "https://the.earth.li/~sgtatham/putty/latest/htmldoc/AppendixC.html"),
    Pattern("user-password", "curl",
            r"curl[ \t]" + _ARGS + r"-[A-Za-z0-9#]{1,10}[uU][ \t]{0,3}" + Q + r"[A-Za-z0-9_.@+%-]{1,80}:" + _V, CURL, r"curl[ \t][^\n]*-[A-Za-z0-9#]+[uU]", _password),
    Pattern("user-password", "ftp",
            r"ftp[ \t]" + _ARGS + r"-u[ \t]{0,3}" + Q + r"[A-Za-z0-9_.@+%-]{1,80}," + _V,
            "https://lftp.yar.ru/lftp-man.html", r"ftp[ \t][^\n]*-u", given),
    Pattern("command-password", "sql\nbcp\nmosquitto_\nipmitool\nsecurity import",
            rf"(?:{_WITH_CAPITAL_P})(?:\.exe)?[ \t]" + _ARGS + r"-P[ \t=]{0,3}" + Q + _V,
            "https://learn.microsoft.com/sql/tools/sqlcmd/sqlcmd-utility",
            rf"(?:{_WITH_CAPITAL_P})(?:\.exe)?[ \t][^\n]*-P", given),
    Pattern("command-password", "freerdp", r"freerdp[0-9a-z-]*[ \t]" + _ARGS + Q + r"/p:" + Q + _V,
            "https://github.com/FreeRDP/FreeRDP/wiki/CommandLineInterface", "", given),
    Pattern("command-password", "/user:\n/USER:\n/u:",
            r"[Nn][Ee][Tt](?:\.exe)?[ \t]+(?:use|USE)[ \t](?:[^\n|;&]{0,400}[ \t])?/(?:user|USER|u):[^\x00-\x20]{1,80}[ \t]{1,4}" + Q + _NOT_A_FLAG, _MS, r"/(?:user|USER|u):", given),
    Pattern("command-password", "/user:\n/USER:\n/u:",
            r"[Nn][Ee][Tt](?:\.exe)?[ \t]+(?:use|USE)[ \t](?:[^\n|;&]{0,400}[ \t])?" + Q + _NOT_A_FLAG + Q + r"[ \t]{1,4}/(?:user|USER|u):", _MS, r"/(?:user|USER|u):", _password),
    Pattern("command-password", "sqlplus\nsqlldr\nexpdp\nimpdp",
            r"(?:sqlplus|sqlldr|expdp|impdp)[ \t]" + _ARGS + Q + r"[A-Za-z0-9_$#]{1,60}/" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>/@]{4,200})[\\]{0,3}[\"']?@",
            _ORACLE, r"(?:sqlplus|sqlldr|expdp|impdp)[ \t][^\n]*/", given),
    Pattern("url-password", "jdbc:oracle:",
            r"jdbc:oracle:[a-z0-9]{2,6}:[A-Za-z0-9_$#]{1,60}/(?P<v>[^\x00-\x20\"'`\\<>@]{4,200})@", _ORACLE, "", given),
    Pattern("command-password", "vault\ncargo\nwandb\nsnyk\nngrok",
            r"(?:vault[ \t]login|cargo[ \t]login|wandb[ \t]login|snyk[ \t]auth|ngrok[ \t](?:config[ \t]add-)?authtoken)[ \t](?:-[a-z-]{1,40}(?:=[^ \t\n]{1,80})?[ \t]){0,4}" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>=-][^\x00-\x20\"'`\\<>=]{3,200})",
            "https://developer.hashicorp.com/vault/docs/commands/login",
            r"(?:vault|cargo|wandb|snyk|ngrok)[ \t][a-z -]*(?:login|auth)", _password),
    Pattern("command-password", "gh secret",
            r"gh[ \t]secret[ \t]set[ \t]" + _ARGS + r"(?:-b|--body)[ \t=]{0,3}" + Q + _V,
            "https://cli.github.com/manual/gh_secret_set", "", given),
    Pattern("command-password", "<<<",
            r"(?:-stdin|--with-token|-fd[ =]?[0-9]?|sudo[ \t]+-S|secret[ \t](?:set|put|create)|[ \t]login|chpasswd|" + _READERS + r")[^\n<|;&]{0,200}<<<[ \t]{0,3}" + Q + _V,
            "https://www.gnu.org/software/bash/manual/html_node/Redirections.html", "", given),
    Pattern("command-password", "openssl",
            r"openssl[ \t](?:enc|aes)[^\n|;&]{0,400}[ \t]-k[ \t]{1,3}" + Q + _NOT_A_FLAG,
            "https://docs.openssl.org/master/man1/openssl-enc/", "", given),
    Pattern("sql-password", "dentified\nDENTIFIED",
            "(?:[Ii]dentified|IDENTIFIED)[ \t]{1,3}" + any_case("by") + r"[ \t]{1,3}(?P<v>[^\x00-\x20\"'`\\<>;,]{4,200})",
            _ORACLE, "(?:[Ii]dentified|IDENTIFIED)[ \t]", _password),
    Pattern("sql-password", "assword\nASSWORD",
            any_case("set") + r"[ \t]{1,3}" + any_case("password") + r"[ \t][^\n=;]{0,120}=[ \t]{0,3}(?:[A-Za-z_]{1,20}\([ \t]{0,3})?[\\]{0,3}[\"'](?P<v>[^\x00-\x20\"'\\]{4,200})",
            "https://dev.mysql.com/doc/refman/8.4/en/set-password.html",
            any_case("set") + r"[ \t]+" + any_case("password") + "[ \t]", given),
    Pattern("sql-password", "assword\nASSWORD",
            "(?:" + any_case("user") + "|" + any_case("role") + r")[ \t][^\n;]{1,200}[ \t]" + any_case("password") + r"[ \t]{1,3}[\\]{0,3}'(?P<v>[^\x00-\x20\"'\\]{4,200})[\\]{0,3}'",
            _POSTGRES, "(?:" + any_case("user") + "|" + any_case("role") + r")[ \t][^\n;]*[ \t]" + any_case("password") + r"[ \t]+[\\]*'", given),
    Pattern("assigned-secret", "alue",
            r"[Vv]alue[\\]{0,7}[\"']?[ \t]{0,3}[:=][ \t]{0,3}[\\]{0,7}[\"']?(?P<v>[^\x00-\x20\"'`\\<>,{}]{6,400})[\\]{0,7}[\"']?[ \t]{0,3},?[ \t\r\n]{0,40}[\\]{0,7}[\"']?(?:name|Name|NAME|key|Key)[\\]{0,7}[\"']?[ \t]{0,3}[:=]",
            "https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/", r"[Vv]alue[\\\"']*[ \t]*[:=][ \t]*[^\x00-\x20]+[ \t\r\n,\\\"']*(?:name|Name|NAME|key|Key)[\\\"' \t]*[:=]", given, _named_after),
    Pattern("ssm-parameter", "SecureString",
            r"SecureString[\\]{0,7}[\"']?[ \t]{0,3},?[ \t\r\n\\]{0,40}(?:--)?[\\]{0,7}[\"']?[Vv]alue[\\]{0,7}[\"']?[ \t:=]{1,4}" + Q + _V,
            "https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-securestring.html", "", given),
    Pattern("ssm-parameter", "SecureString",
            r"[Vv]alue[\\]{0,7}[\"']?[ \t:=]{1,4}" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>,]{4,400})[\\]{0,7}[\"']?[ \t]{0,3},?[ \t\r\n\\]{0,40}(?:--)?[\\]{0,7}[\"']?[Tt]ype[\\]{0,7}[\"']?[ \t:=]{1,4}[\\]{0,3}[\"']?SecureString",
            "https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-securestring.html", "", given),
    Pattern("aws-secret-key", "Access Key [",
            r"Access Key \[[^\]\n]{0,60}\]: ?(?P<v>[A-Za-z0-9/+!#%=_-]{6,128})", AWS_CONFIGURE, "",
            _password),
    Pattern("cookie", "SESSID\nSESSIONID\nsessionid\nSessionId=\nconnect.sid\n_session=",
            r"(?:PHPSESSID|JSESSIONID|ASPSESSIONID[A-Z]{0,8}|ASP\.NET_SessionId|sessionid|connect\.sid|[a-z]_session)[ ]?[=][ ]?" + Q + r"(?P<v>[A-Za-z0-9%._~+/:-]{16,400})",
            "https://owasp.org/www-community/attacks/Session_hijacking_attack",
            r"(?:SESSID|SESSIONID[A-Z]*|sessionid|SessionId|connect\.sid|_session)[ ]?=", _long),
    *(Pattern("assigned-secret", mark,
              rf"{shape}[\\]{{0,7}}[\"'`]?[ \t]{{0,3}}[:=][ \t]{{0,3}}" + Q + r"(?P<v>[A-Za-z0-9+/=_.~-]{16,400})",
              "https://learn.microsoft.com/azure/devops/cli/log-in-via-pat",
              rf"{mark}[\\\"'`]*[ \t]*[:=]", _long)
      for mark, shape in (("PAT", r"(?:[A-Z0-9]_PAT|\bPAT)"), ("_pat", "[a-z0-9]_pat"))),
    Pattern("assigned-secret", "SALT\nSalt\nsalt",
            r"(?:SALT|[Ss]alt)[\\]{0,7}[\"'`]?[ \t]{0,3}[:=][ \t]{0,3}" + Q + r"(?P<v>[A-Za-z0-9+/=_.~$!#%^*@-]{16,400})",
            "https://api.wordpress.org/secret-key/1.1/salt/",
            r"(?:SALT|[Ss]alt)[\\\"'`]*[ \t]*[:=]", _long),
    Pattern("command-password", "et user\nET USER",
            r"[Nn][Ee][Tt](?:\.exe)?[ \t]+(?:user|USER)[ \t]+[^\x00-\x20/]{1,60}[ \t]{1,4}" + Q + _NOT_A_FLAG, _MS, r"[Nn][Ee][Tt](?:\.exe)?[ \t]+(?:user|USER)[ \t]", _password),
    Pattern("password-hash", "$2\n$5$\n$6$\n$y$\n$gy$\n$argon2\n$apr1$\n$scrypt$",
            r"\$(?:2[abxy]?\$[0-9]{2}\$[./A-Za-z0-9]{53}|[56]\$(?:rounds=[0-9]{1,9}\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{43,86}|g?y\$[./A-Za-z0-9]{1,20}\$[./A-Za-z0-9]{1,86}\$[./A-Za-z0-9]{43}|argon2(?:id|i|d)\$[a-z0-9=,$]{1,60}\$[A-Za-z0-9+/]{8,88}\$[A-Za-z0-9+/]{16,120}|apr1\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22}|scrypt\$[a-z0-9=,$]{1,40}\$[A-Za-z0-9+/=]{8,88}\$[A-Za-z0-9+/=]{16,120})",
            "https://man7.org/linux/man-pages/man5/crypt.5.html",
            r"\$(?:2[abxy]?\$[0-9]|[56]\$|g?y\$|argon2|apr1\$|scrypt\$)"),
    Pattern("password-hash", "pbkdf2\nscrypt:",
            r"(?:pbkdf2_sha(?:1|256|512)\$[0-9]{2,9}\$|(?:pbkdf2:sha(?:1|256|512):[0-9]{2,9}|scrypt:[0-9:]{3,20})\$)[A-Za-z0-9+/=]{8,40}\$[A-Za-z0-9+/=]{32,140}",
            "https://docs.djangoproject.com/en/stable/topics/auth/passwords/",
            r"(?:pbkdf2[_:]sha|scrypt:[0-9])"),
    Pattern("ansible-vault", "$ANSIBLE_VAULT;",
            r"\$ANSIBLE_VAULT;[^\n]{3,60}\n(?P<v>(?:(?:[^\n \t:]{1,200}[:-][0-9]{1,6}[:-])?[ \t]{0,40}(?:[0-9]{1,6}(?:\t|\xe2\x86\x92))?[ \t>+|#:-]{0,40}[0-9a-f]{20,80}[ \t]{0,8}\r?\n?)+)",
            "https://docs.ansible.com/ansible/latest/vault_guide/vault_using_encrypted_content.html"),
    Pattern("mnemonic", "nemonic\nNEMONIC\nhrase\nHRASE",
            r"(?:[Mm]nemonic|MNEMONIC|(?:[Ss]eed|SEED|[Rr]ecovery|RECOVERY|[Ss]ecret|SECRET)[ _-]?(?:[Pp]hrase|PHRASE))[\\]{0,7}[\"'`*]{0,3}(?:[ \t]{0,3}[:=,][ \t]{0,3}|[ ](?:is|are|was)[ :]{1,3}|[ \t]{1,3}|\()[\\]{0,7}[\"'`]?(?P<v>[a-z]{3,8}(?:[ ,]{1,2}[a-z]{3,8}){11,23})",
            "https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki",
            "(?:[Mm]nemonic|MNEMONIC|[Pp]hrase|PHRASE)[^\n]*[a-z]{3} [a-z]{3}", _no_sentence),
    Pattern("command-password", "encrypt_string",
            r"ansible-vault[ \t]encrypt_string[ \t]" + _ARGS + r"[\"'](?P<v>[^\x00-\x20\"'`\\<>]{4,200})[\"']",
            "https://docs.ansible.com/ansible/latest/cli/ansible-vault.html", "", _password),
    Pattern("command-password", "<<<",
            r"(?:env|secrets?)[ \t](?:add|set|put|create)[ \t][^\n<|;&]{0,200}<<<[ \t]{0,3}" + Q + _V,
            "https://vercel.com/docs/cli/env", "", given),
    Pattern("command-password", "http-basic",
            r"http-basic\.[^\x00-\x20]{1,100}[ \t]{1,3}[^\x00-\x20]{1,80}[ \t]{1,3}" + Q + _V,
            "https://getcomposer.org/doc/articles/authentication-for-private-packages.md", "", _password),
    Pattern("command-password", "bundle config\nbundler config",
            r"bundler?[ ]config[ \t](?:set[ \t](?:--[a-z]{1,10}[ \t])?)?[^\x00-\x20]{1,100}[ \t]{1,3}" + Q + r"[^\x00-\x20:/\"']{1,80}:(?P<v>[^\x00-\x20\"'`\\<>]{4,200})",
            "https://bundler.io/man/bundle-config.1.html#CREDENTIALS-FOR-GEM-SOURCES", "bundler?[ ]config[ \t]", _password),
    Pattern("command-password", "rclone", r"rclone[ \t](?:obscure|reveal)[ \t]{1,3}" + Q + _NOT_A_FLAG,
            "https://rclone.org/commands/rclone_obscure/", "", _password),
    Pattern("command-password", "snmp",
            r"snmp[a-z]{2,10}[ \t][^\n|;&]{0,300}[ \t]-[Ac][ \t]{1,3}" + Q + _NOT_A_FLAG,
            "https://www.net-snmp.org/docs/man/snmpcmd.html", r"snmp[a-z]+[ \t][^\n]*-[Ac]", _password),
    Pattern("command-password", "snmp",
            r"snmp[a-z]{2,10}[ \t][^\n|;&]{0,300}[ \t]-X[ \t]{1,3}" + Q + _NOT_A_FLAG,
            "https://www.net-snmp.org/docs/man/snmpcmd.html", r"snmp[a-z]+[ \t][^\n]*-X", _password),
    Pattern("command-password", "unrar\nrar a\nrar x\nrar e",
            r"(?:unrar|rar[ ][axe])[ \t](?:[^\n|;&]{0,400}[ \t])?-h?p" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>]{4,200})",
            "https://www.rarlab.com/rar_add.htm", r"(?:unrar|rar[ ][axe])[ \t][^\n]*-h?p", given),
    Pattern("command-password", "signtool\nSignTool",
            r"[Ss]ign[Tt]ool(?:\.exe)?[\"']?[ \t][^\n]{0,400}[ \t]/p[ \t]{1,3}" + Q + _NOT_A_FLAG,
            "https://learn.microsoft.com/windows/win32/seccrypto/signtool", "", given),
    Pattern("command-password", "send ", r"ssword:?[ ]?[\"'][; \t\n]{1,12}send[ ](?:--[ ])?[\"'](?P<v>[^\x00-\x20\"'`\\<>$]{4,200})",
            "https://core.tcl-lang.org/expect/index", r"ssword:?[ ]?[\"'][; \t\n]+send[ ]", given),
    Pattern("assigned-secret", "$(echo\n$(printf",
            r"(?:[Pp]ass(?:w(?:or)?d|phrase)?|PASS(?:W(?:OR)?D|PHRASE)?|[Tt]oken|TOKEN|[Ss]ecret|SECRET|_KEY|_key)=[\"']?\$\((?:echo|printf)[ \t](?:-n[ \t])?" + Q + _V[:-1] + r")(?:[ \t]*\||[\"' \t]*\))",
            "https://www.gnu.org/software/bash/manual/html_node/Command-Substitution.html", r"=[\"']?\$\((?:echo|printf)[ \t]", _password),
    Pattern("login-password", "equelize(\ncreateHmac(\njwt.sign(\njwt.verify(\njwt.encode(\njwt.decode(\nbcrypt.hash\nFernet(\nhashpw(\ngenerate_password_hash(\nscrypt(\npbkdf2(\nscryptSync(\npbkdf2Sync(",
            r"(?:(?:[Ss]equelize|createHmac|jwt\.(?:sign|verify|encode|decode))\([^()\n]{1,120},[ ]?|(?:bcrypt\.hash(?:Sync)?|Fernet|hashpw|generate_password_hash|scrypt(?:Sync)?|pbkdf2(?:Sync)?)\([ ]?)[bB]?[\\]{0,3}[\"'](?P<v>[^\x00-\x20\"'`\\<>]{6,200})[\\]{0,3}[\"']",
            "https://nodejs.org/api/crypto.html#cryptocreatehmacalgorithm-key-options", "", _password),
    Pattern("cookie", "ookies",
            r"[Cc]ookies[\\]{0,3}[\"']?[ ]?[=:][ ]?[{(](?:[^{}()\n]{0,200},[ ]?)?[\\]{0,3}[\"']?(?:[A-Za-z0-9_.-]{0,40}(?:sid|sess(?:ion)?|auth|token|jwt)[A-Za-z0-9_.-]{0,40})[\\]{0,3}[\"']?[ ]?[:=][ ]?[\\]{0,3}[\"'](?P<v>[^\x00-\x20\"'`\\<>]{6,400})",
            "https://requests.readthedocs.io/en/latest/user/quickstart/#cookies", r"[Cc]ookies[^\n]{0,8}[{(]", _password),
    Pattern("assigned-secret", "type=\"password\ntype='password\ntype=\\",
            r"[Vv]alue=[\\]{0,3}[\"'](?P<v>[^\x00-\x20\"'`\\<>{}]{6,400})[\\]{0,3}[\"'][^<>\n]{0,200}type=[\\]{0,3}[\"']password",
            "https://html.spec.whatwg.org/multipage/input.html#password-state-(type=password)", r"type=[\\]*[\"']password", _password),
    Pattern("masked-value", "::add-mask::", r"::add-mask::(?P<v>[^\x00-\x20\"'`\\<>]{4,400})",
            "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#masking-a-value-in-a-log", "", given),
    Pattern("command-password", "wpa_passphrase",
            r"wpa_passphrase[ \t]{1,3}(?:[\\]{0,3}[\"'][^\"'\n]{1,40}[\\]{0,3}[\"']|[^\x00-\x20\"'-][^\x00-\x20\"']{0,40})[ \t]{1,3}" + Q + _V, "https://w1.fi/cgit/hostap/plain/wpa_supplicant/README", "", _password),
    Pattern("login-password", "ysql\nPDO\nonnection(\n.login(\nldap_bind\n_connect(\nNetworkCredential(\nset_password(\nDBI->\nbasic_auth(\n.connect(",
            r"(?:mysqli|mysqli_connect|mysqli_real_connect|mysql_connect|PDO|getConnection|\.login|ldap_bind|ftp_login|ssh2_auth_password|pymysql\.connect|NetworkCredential|keyring\.set_password|DBI->connect|basic_auth|\.connect)\([^()\n\"']{0,60}(?:[\\]{0,3}[\"'][^\"'\n]{0,120}[\\]{0,3}[\"'][ ]?,[ ]?){1,3}(?:Some\()?[\\]{0,3}[\"'](?P<v>[^\x00-\x20\"'`\\<>]{6,200})[\\]{0,3}[\"']",
            "https://www.php.net/manual/en/mysqli.construct.php",
            r"(?:mysqli|mysqli_connect|mysqli_real_connect|mysql_connect|PDO|getConnection|\.login|ldap_bind|ftp_login|ssh2_auth_password|pymysql\.connect|NetworkCredential|keyring\.set_password|DBI->connect|basic_auth|\.connect)\([^()\n]*[\"']", _password),
    Pattern("login-password", _FILL_HINTS,
            r"[Pp]assword[^\n;]{0,80}\." + _FILLS + r"\([ ]?[\\]{0,3}[\"'](?P<v>[^\x00-\x20\"'`\\<>]{6,200})[\\]{0,3}[\"']",
            "https://playwright.dev/docs/input", r"[Pp]assword[^\n;]*\." + _FILLS + r"\(", _password),
    Pattern("login-password", _FILL_HINTS + "\nfireEvent.",
            r"(?:\." + _FILLS + r"|fill_in|fireEvent\.(?:change|input))[( ][^\n;]{0,120}[Pp]assword[^\n;\"']{0,40}[\"']?[^\n;\"']{0,10},[ ]?(?:with:[ ]|\{[ ]?target:[ ]?\{[ ]?value:[ ]?)?[\\]{0,3}[\"'](?P<v>[^\x00-\x20\"'`\\<>]{6,200})[\\]{0,3}[\"']",
            "https://testing-library.com/docs/user-event/utility", r"(?:\." + _FILLS + r"|fill_in|fireEvent\.(?:change|input))[( ][^\n;]*[Pp]assword", _password),
    Pattern("user-password", "btoa(\nBuffer.from(\nb64encode(\nencode64(\nbase64_encode(\nGetBytes(",
            r"(?:btoa|Buffer\.from|b64encode|encode64|base64_encode|GetBytes)\([ ]?[bBfF]?[\\]{0,3}[\"'`][A-Za-z0-9_.@+-]{1,80}:(?P<v>[^\x00-\x20\"'`\\<>]{4,200})[\\]{0,3}[\"'`]",
            "https://www.rfc-editor.org/rfc/rfc7617", "", _basic),
    Pattern("user-password", "| base64\n|base64",
            r"(?:echo|printf)[ \t]{1,4}(?:-[a-zA-Z]{1,3}[ \t]{1,4}|[\"']?%s(?:\\n)?[\"']?[ \t]{1,4})?" + Q + r"[A-Za-z0-9_.@+-]{1,80}:(?P<v>[^\x00-\x20\"'`\\<>|]{4,200})[\\]{0,3}[\"'`]?[ \t]{0,4}\|[ \t]?base64",
            "https://www.rfc-editor.org/rfc/rfc7617", "", _basic),
    Pattern("aws-secret-key", "AKIA", r"AKIA[A-Z0-9]{16}[ ]?[,\t][ ]?(?P<v>[A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html"),
    Pattern("vault-unseal-key", "nseal Key\necovery Key",
            r"(?:[Uu]nseal|[Rr]ecovery) Key(?: \([^()\n]{1,30}\))?(?: [0-9]{1,2})?: ?(?P<v>[A-Za-z0-9+/=]{40,120})",
            "https://developer.hashicorp.com/vault/docs/commands/operator/init", "", _long),
    Pattern("command-password", "ssh-keygen",
            r"ssh-keygen[ \t]" + _ARGS + r"-[NP][ \t]{1,3}" + Q + _NOT_A_FLAG,
            "https://man.openbsd.org/ssh-keygen", r"ssh-keygen[ \t][^\n]*-[NP]", given),
    Pattern("command-password", "alias set",
            r"alias[ \t]set[ \t]{1,3}[^\x00-\x20]{1,60}[ \t]{1,3}" + Q + r"https?://[^\x00-\x20\"']{1,200}" + Q + r"[ \t]{1,3}" + Q + r"[^\x00-\x20\"'`\\<>]{3,128}" + Q + r"[ \t]{1,3}" + Q + _NOT_A_FLAG,
            "https://min.io/docs/minio/linux/reference/minio-mc/mc-alias-set.html", "", given),
    Pattern("command-password", "rabbitmqctl",
            r"rabbitmqctl[ \t]" + _ARGS + r"(?:add_user|change_password|authenticate_user)[ \t]{1,3}" + Q + r"[^\x00-\x20\"'`\\<>]{1,80}" + Q + r"[ \t]{1,3}" + Q + _NOT_A_FLAG,
            "https://www.rabbitmq.com/docs/man/rabbitmqctl.8", r"rabbitmqctl[ \t][^\n]*(?:_user|_password)", given),
    Pattern("command-password", "sonar.login=", r"sonar\.login=" + Q + _V,
            "https://docs.sonarsource.com/sonarqube-server/analyzing-source-code/analysis-parameters/", "", _password),
    Pattern("command-password", "codecov", r"codecov[ \t]" + _ARGS + r"-t[ \t]{1,3}" + Q + _NOT_A_FLAG,
            "https://docs.codecov.com/docs/codecov-uploader", r"codecov[ \t][^\n]*-t", _password),
    Pattern("command-password", "nuget push\nchoco ",
            r"(?:nuget[ \t]push|choco[ \t](?:apikey|push))[ \t]" + _ARGS + r"-k[ \t=]{1,3}" + Q + _NOT_A_FLAG,
            "https://learn.microsoft.com/dotnet/core/tools/dotnet-nuget-push", r"(?:nuget[ \t]push|choco[ \t](?:apikey|push))[ \t][^\n]*-k", _password),
    Pattern("command-password", "--value",
            r"(?:secrets?|env)[: \t](?:set|create|put|add|update|edit)[ \t]" + _ARGS + r"--value[ \t=]{1,3}" + Q + _NOT_A_FLAG,
            "https://learn.microsoft.com/cli/azure/keyvault/secret", r"(?:secrets?|env)[: \t](?:set|create|put|add|update|edit)[ \t][^\n]*--value", _password),
    Pattern("command-password", "--secret",
            r"config[ \t]set[ \t](?:[^\n|;&]{0,200}[ \t])?--secret[ \t]{1,3}(?:--[a-z]{1,20}[ \t]{1,3})?" + Q + r"[A-Za-z0-9_.:-]{1,100}" + Q + r"[ \t]{1,3}" + Q + _NOT_A_FLAG,
            "https://www.pulumi.com/docs/iac/concepts/secrets/", r"config[ \t]set[ \t][^\n]*--secret", given),
    Pattern("command-password", "--secret",
            r"config[ \t]set[ \t](?:[^\n|;&]{0,200}[ \t])?" + Q + r"[A-Za-z0-9_.:-]{1,100}" + Q + r"[ \t]{1,3}" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>/*-][^\x00-\x20\"'`\\<>]{3,200})" + Q + r"[ \t]{1,3}--secret",
            "https://www.pulumi.com/docs/iac/concepts/secrets/", r"config[ \t]set[ \t][^\n]*--secret", given),
    Pattern("command-password", "bw unlock\nbw login",
            r"bw[ \t](?:unlock|login[ \t]{1,3}[^\x00-\x20@]{1,80}@[^\x00-\x20]{1,80})[ \t]{1,3}" + Q + _NOT_A_FLAG,
            "https://bitwarden.com/help/cli/", "", given),
    Pattern("command-password", "schtasks", r"schtasks(?:\.exe)?[ \t][^\n]{0,400}[ \t]/(?:rp|RP|p|P)[ \t]{1,3}" + Q + _NOT_A_FLAG,
            _MS, r"schtasks[^\n]*/(?:rp|RP|p|P)", given),
    Pattern("authorization-header", "earer -a\njwt -a", r"-A[ \t=]{1,3}(?:bearer|jwt)[ \t]{1,3}-a[ \t=]{1,3}" + Q + _V,
            "https://httpie.io/docs/cli/authentication", "", given),
    Pattern("command-password", "| ConvertTo-SecureString\n|ConvertTo-SecureString",
            r"[\\]{0,3}[\"'](?P<v>[^\x00-\x20\"'`\\<>]{4,200})[\\]{0,3}[\"'][ \t]?\|[ \t]?ConvertTo-SecureString",
            "https://learn.microsoft.com/powershell/module/microsoft.powershell.security/convertto-securestring", "", given),
    Pattern("assigned-secret", "=%s",
            r"(?:[Pp]ass(?:w(?:or)?d|phrase)?|PASS(?:W(?:OR)?D|PHRASE)?|[Tt]oken|TOKEN|[Ss]ecret|SECRET|_KEY|_key)=%s(?:[\\]{1,4}n)?[\\]{0,3}[\"'][ \t]{1,3}" + Q + _V,
            "https://www.gnu.org/software/bash/manual/html_node/Bash-Builtins.html", r"=%s(?:[\\]+n)?[\\]*[\"'][ \t]", _password),
    Pattern("device-password", "assword 7\necret 7\nkey 7\nmd5 7\nstring 7\nascii 7\ntext 7",
            r"(?:[Pp]assword|[Ss]ecret|key|md5|key-string|ascii|text)[ ]7[ ]" + Q + r"(?P<v>[01][0-9](?:[0-9A-Fa-f]{2}){3,120})" + END,
            "https://passlib.readthedocs.io/en/stable/lib/passlib.hash.cisco_type7.html"),
    Pattern("device-password", "assword 0\nassword 6\necret 0\necret 6\nkey 0\nkey 6\nmd5 0\nmd5 6\nstring 0\nstring 6\nascii 0",
            r"(?:[Pp]assword|[Ss]ecret|key|md5|key-string|ascii)[ ][06][ ]" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>]{6,128})",
            _DEVICES, "", _password),
    Pattern("device-password", "enable password level\nenable secret level",
            r"enable[ ](?:password|secret)[ ]level[ ][0-9]{1,2}[ ](?:[0-9]{1,2}[ ])?" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>]{6,128})",
            _DEVICES, "", _password),
    Pattern("password-hash", "$1$\n$8$\n$9$\n$14$",
            r"\$(?:1\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22}|(?:8|9|14)\$[./A-Za-z0-9]{4,20}\$[./A-Za-z0-9]{43})",
            "https://hashcat.net/wiki/doku.php?id=example_hashes", r"\$(?:1|8|9|14)\$[./A-Za-z0-9]"),
    Pattern("device-password", "$9$", r"[\" ](?P<v>\$9\$[A-Za-z0-9./-]{8,200})(?:[\"; \t\r\n\\]|$)",
            _DEVICES, r"[\" ]\$9\$[A-Za-z0-9./-]"),
    Pattern("device-password", "community",
            r"(?:snmp-server|snmp)[ ](?:[a-z-]{1,20}[ ])?community[ ](?:[078][ ])?" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>{};=]{4,128})",
            _DEVICES, r"snmp(?:-server)?[ ](?:[a-z-]*[ ])?community[ ]", _community),
    Pattern("device-password", "snmp-server host",
            r"snmp-server[ ]host[ ][^\x00-\x20]{3,80}[ ](?:vrf[ ][^\x00-\x20]{1,60}[ ])?(?:(?:traps|informs)[ ])?(?:version[ ](?:1|2c|3[ ][a-z]{4,6})[ ])?(?P<v>[^\x00-\x20\"'`\\<>]{4,128})",
            _DEVICES, "", _community),
    Pattern("device-password", "ocommunity\nwcommunity\ncom2sec",
            r"(?:r[ow]community6?[ \t]{1,12}|com2sec6?[ \t]{1,12}[^\x00-\x20]{1,60}[ \t]{1,12}[^\x00-\x20]{1,60}[ \t]{1,12})" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>(){};=]{4,128})",
            _SNMPD, "", _community),
    Pattern("device-password", "snmp-server user\ncreateUser",
            r"(?:snmp-server[ ]user|createUser)[ ][^\n]{1,200}[ ](?:sha|md5|SHA|MD5)[0-9-]{0,4}[ ]" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>]{6,128})",
            _SNMPD, r"(?:snmp-server[ ]user|createUser)[ ]", given),
    Pattern("device-password", "snmp-server user\ncreateUser",
            r"(?:snmp-server[ ]user|createUser)[ ][^\n]{1,300}[ ](?:3?des|aes|AES|DES)(?:[ -]?(?:128|192|256))?[ ]" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>]{6,128})",
            _SNMPD, r"(?:snmp-server[ ]user|createUser)[ ]", given),
    Pattern("device-password", "tacacs\nradius",
            r"(?:tacacs|radius)(?:-server)?[ ](?:[^\n]{1,160}[ ])?key[ ](?:[067][ ])?" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>]{6,128})",
            _DEVICES, r"(?:tacacs|radius)(?:-server)?[ ][^\n]*key[ ]", _password),
    Pattern("device-password", "isakmp key\nauthentication-key\nmessage-digest-key\nkey-string\nauthentication text\nneighbor\nwpa-psk",
            r"(?:isakmp[ ]key[ ]|neighbor[ ][^\x00-\x20]{2,80}[ ]password[ ]|(?:authentication-key|message-digest-key)[ ](?:[0-9]{1,6}[ ])?(?:md5[ ])?|key-string[ ]|authentication[ ]text[ ]|wpa-psk[ ](?:ascii|hex)[ ])(?:[0-9][ ])?" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>;]{6,128})",
            _DEVICES, "", _password),
    Pattern("command-password", "SETUSER\nsetuser",
            r"(?:ACL[ ]SETUSER|acl[ ]setuser)[ ][^\n]{0,300}[ ]" + Q + r"[>](?P<v>[^\x00-\x20\"'`\\<>]{4,200})",
            "https://redis.io/docs/latest/commands/acl-setuser/", "", given),
    Pattern("command-password", "ftp",
            r"ftp[ \t][^\n]{0,200}\n(?:[^\n]{0,200}\n){0,4}[ \t]{0,8}(?:quote[ ])?(?:user|USER)[ ][^\x00-\x20]{1,80}[ \t]{1,3}" + Q + _NOT_A_FLAG,
            "https://www.gnu.org/software/inetutils/manual/html_node/ftp-invocation.html",
            r"ftp[ \t][^\n]*\n[^;]*(?:user|USER)[ ]", _password),
    Pattern("command-password", "impacket\nsecretsdump\nwmiexec\nsmbexec\npsexec.py\nGetUserSPNs\nGetNPUsers",
            r"(?:impacket-[A-Za-z0-9]{2,20}|secretsdump|wmiexec|smbexec|psexec|GetUserSPNs|GetNPUsers)(?:\.py)?[ \t]" + _ARGS + Q + r"(?:[A-Za-z0-9_.-]{1,60}/)?[A-Za-z0-9_.$-]{1,60}:(?P<v>[^\x00-\x20\"'`\\<>]{4,200})@[A-Za-z0-9\[$]",
            "https://github.com/fortra/impacket/tree/master/examples",
            r"(?:impacket-[A-Za-z0-9]+|secretsdump|wmiexec|smbexec|psexec|GetUserSPNs|GetNPUsers)(?:\.py)?[ \t][^\n]*@", given),
    Pattern("command-password", "send ",
            r"send[ ](?:--[ ])?[\\]{0,3}[\"'](?P<v>[^\x00-\x20\"'`\\<>$]{6,200})(?:[\\]{1,4}[rn])",
            "https://core.tcl-lang.org/expect/index", r"send[ ](?:--[ ])?[\\]*[\"']", _drawn_password),
    Pattern("assigned-secret", "form-data; name=",
            r"form-data;[ ]name=[\\]{0,3}\"[^\"\\\n]{2,80}[\\]{0,3}\"(?:(?:\r?\n|(?:[\\]{1,3}r)?[\\]{1,3}n)[A-Za-z-]{4,40}:[^\n\\]{0,120}){0,2}(?:\r?\n|(?:[\\]{1,3}r)?[\\]{1,3}n){2}(?P<v>[^\x00-\x20\"'`\\<>]{6,400})",
            "https://www.rfc-editor.org/rfc/rfc7578", "", _password, _named_field),
    Pattern("assigned-secret", "=%s", rf"[A-Za-z0-9_.-]{{2,60}}=%s(?:[\\]{{1,4}}n)?[\\]{{0,3}}[\"'][ \t]{{1,3}}{Q}{_V}",
            "https://www.gnu.org/software/bash/manual/html_node/Bash-Builtins.html", r"=%s(?:[\\]+n)?[\\]*[\"'][ \t]", _password, _named_format),
)  # fmt: skip
