"""Secrets known by their place: in URLs, headers, the arguments of commands, files of credentials."""

from __future__ import annotations

import re

from accrete.redaction.judge import is_pair, is_placeholder, is_random, is_secret
from accrete.redaction.patterns import Pattern, any_case

_VARIABLE = re.compile(
    r"^\$|\$\{|\{\{|^\{|%[A-Z_]+%|^%[a-z]$|^<|\*{2}|^x+$|^pass(word|wd)?$|^secret$|^pwd$|^pw$|^user$|^token$|example|redacted|your",
    re.IGNORECASE | re.ASCII,
)


def given(value: str) -> bool:
    """Whether it is a value, not a variable or a word that stands for one."""
    return _VARIABLE.search(value) is None and not value.isdigit()


def _password(value: str) -> bool:
    return given(value) and (is_random(value, 8) or is_secret("password", value))


_OPTION = re.compile(r"(?:roto|ort|ager|rompt|ipe|lugin|assword|rint|arallel)[a-z_-]*(?:=.*)?$")


def _mysql(value: str) -> bool:
    """What follows `-p` and is no option that begins with it."""
    return given(value) and _OPTION.match(value) is None


def _no_archive(value: str) -> bool:
    return given(value) and re.search(r"\.(?:zip|7z|jar|war|docx|xlsx)$", value) is None


_TAKES_USER = re.compile(
    r"(?<![A-Za-z0-9])(?:curl|wget|https?|xh|xhs|httpie|mvn|ab|hey|bombardier|k6|smbclient|rpcclient|net|influx|etcdctl|consul|neo4j|jf|jfrog|skopeo|podman|"
    r"buildah|crane|svn|mongosh?|es|elasticsearch[a-z-]*|nuget|vegeta|siege|rabbitmqadmin|couchdb|lftp|ftp|sftp|aria2c|axel|xfreerdp|winexe|crackmapexec|evil-winrm|"
    r"snyk|newman|cqlsh|nats|mc|swift|cadaver|davfs|restic|rclone|drill|oha|plow|autocannon)(?:\.exe)?(?![A-Za-z0-9])|(?:^|[ \t\"'])\$\{?[A-Za-z]*(?:CURL|HTTP)",
    re.IGNORECASE,
)
_FIRST_WORD = re.compile(r"[A-Za-z./~]")


def _of_user(text: str, at: int) -> bool:
    """Whether the arguments before `at` are of a command that takes user:password, or of one that is not seen."""
    start = max(0, at - 2000)
    before = re.split(r"(?<!\\)\n|[|;&](?![^ \t]*=)", text[start:at])[-1]
    return _TAKES_USER.search(before) is not None or _FIRST_WORD.search(before) is None


def _credential(value: str) -> bool:
    """What follows the scheme in an Authorization header."""
    return is_pair(value) or (not is_placeholder(value) and is_random(value, 12))


def _cookie(value: str) -> bool:
    """Whether a cookie header carries more than settings."""
    values = [piece.partition("=")[2].strip() for piece in value.split(";")]
    return any(is_random(one, 12) and not is_placeholder(one) for one in values)


def _user_token(value: str) -> bool:
    return is_random(value, 20) and given(value)


Q = r"[\\]{0,3}[\"'`]?"
"""A quote, escaped or not, or none."""
_COOKIES = r"(?P<v>[A-Za-z0-9_.$%-]{1,80}=[^\x00-\x20;,\"'`\\<>]+(?:;[ ]?[A-Za-z0-9_.$%-]{1,80}(?:=[^\x00-\x20;,\"'`\\<>]*)?)*)"
_MYSQL = "mysql|mysqldump|mysqladmin|mysqlimport|mysqlshow|mysqlcheck|mysqlsh|mycli|mariadb|mariadb-dump|mariadb-admin"
_WITH_P = "sshpass|docker login|podman login|buildah login|skopeo login|helm registry login|az login|oc login|mongo|mongosh|mongodump|mongorestore|mongoexport|mongoimport|cf login|nerdctl login|influx|cqlsh"

CURL = "https://curl.se/docs/manpage.html"
RFC9110 = "https://www.rfc-editor.org/rfc/rfc9110#name-authorization"

PLACED: tuple[Pattern, ...] = (
    Pattern("url-password", "://", r"://[^\x00-\x20/:@\"'<>`\\]{0,80}:(?P<v>[^\x00-\x20/\"'<>`\\]{3,200})@[A-Za-z0-9\[$%{(]",
            "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1", r"://[^\x00-\x20/@]*@", given),
    Pattern("url-token", "://", r"://(?P<v>[A-Za-z0-9_%.=-]{20,255})(?::x-oauth-basic|:)?@[A-Za-z0-9\[$%{(]",
            "https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api", r"://[^\x00-\x20/@]*@", _user_token),
    Pattern("authorization-header", "uthorization\nUTHORIZATION",
            "(?:[Aa]uthorization|AUTHORIZATION)" + r"[\\]{0,3}[\"'`\])]{0,2}[ \t]{0,3}[:=,>][ \t]{0,3}[\\]{0,3}[\"'`]?[A-Za-z][A-Za-z0-9]{1,15}[ \t]{1,3}(?P<v>[A-Za-z0-9+/=_.~:,-]{8,})",
            RFC9110, "(?:[Aa]uthorization|AUTHORIZATION)", _credential),
    Pattern("authorization-header", "earer", r"[Bb]earer[ \t]{1,3}" + Q + r"(?P<v>[A-Za-z0-9+/=_.~-]{16,})",
            "https://www.rfc-editor.org/rfc/rfc6750", r"[Bb]earer[ \t]", _credential),
    Pattern("url-signature", "ignature=", r"[Ss]ignature=(?P<v>[0-9a-f]{64,})",
            "https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html"),
    Pattern("cookie", "ookie", r"[Cc]ookie2?[\\]{0,3}[\"'`\])]{0,2}[ \t]{0,3}[:=,][ \t]{0,3}" + Q + _COOKIES,
            "https://www.rfc-editor.org/rfc/rfc6265", "[Cc]ookie", _cookie),
    Pattern("cookie", "COOKIE", r"COOKIES?[\\]{0,3}[\"'`\])]{0,2}[ \t]{0,3}[:=,][ \t]{0,3}" + Q + _COOKIES,
            "https://www.rfc-editor.org/rfc/rfc6265", "COOKIE", _cookie),
    Pattern("cookie", " -b\n\t-b\n--cookie", r"[ \t](?:-b|--cookie)[ \t=]{1,3}" + Q + _COOKIES, CURL, r"[ \t](?:-b|--cookie)[ \t=]", _cookie),
    Pattern("user-password", " -u\n -U\n\t-u\n\t-U\n --user\n --proxy-user\n -a\n --a\n --basic\n --cred\n --http-user\n\t-", r"[ \t](?:-u|-U|--user|--proxy-user|-a|--auth|--basic|--creds|--credentials|--http-user)[ \t=]{0,3}" + Q +
            r"[A-Za-z0-9_.@+%-]{1,80}:(?P<v>[^\x00-\x20\"'`\\<>]{4,200})", CURL, r"[ \t](?:-u|-U|--user|--proxy-user|-a|--auth|--basic|--creds|--credentials|--http-user)[^\n:]*:", _password, _of_user),
    Pattern("command-password", "mysql\nmariadb\nmycli", rf"(?:{_MYSQL})[ \t](?:[^\n|;&]*[ \t])?-p" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>]{4,200})",
            "https://dev.mysql.com/doc/refman/8.4/en/password-security-user.html", rf"(?:{_MYSQL})[ \t][^\n]*-p", _mysql),
    Pattern("command-password", "sshpass\nlogin\nmongo\ninflux\ncqlsh", rf"(?:{_WITH_P})[ \t](?:[^\n|;&]*[ \t])?-p[ \t=]{{0,3}}" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>-][^\x00-\x20\"'`\\<>]{3,200})",
            "https://docs.docker.com/reference/cli/docker/login/", rf"(?:{_WITH_P})[ \t][^\n]*-p", given),
    Pattern("command-password", "redis-", r"redis-(?:cli|benchmark)[ \t](?:[^\n|;&]*[ \t])?(?:-a|--pass)[ \t=]{1,3}" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>]{4,200})",
            "https://redis.io/docs/latest/develop/tools/cli/", r"redis-[a-z]+[ \t][^\n]*-(?:a|-pass)", given),
    Pattern("command-password", "ldap", r"ldap(?:search|modify|add|delete|passwd|whoami)[ \t](?:[^\n|;&]*[ \t])?-w[ \t]{0,3}" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>]{4,200})",
            "https://www.openldap.org/software/man.cgi?query=ldapsearch", r"ldap[a-z]+[ \t][^\n]*-w", given),
    Pattern("command-password", "zip", r"(?:unzip|zip)[ \t](?:[^\n|;&]*[ \t])?-P[ \t]{0,3}" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>]{4,200})",
            "https://infozip.sourceforge.net/UnZip.html", r"zip[ \t][^\n]*-P", _no_archive),
    Pattern("command-password", "7z", r"7z[a-z]?[ \t](?:[^\n|;&]*[ \t])?-p" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>]{4,200})",
            "https://7-zip.opensource.jp/chm/cmdline/switches/password.htm", r"7z[a-z]?[ \t][^\n]*-p", given),
    Pattern("command-password", "htpasswd", r"htpasswd[ \t]+-[A-Za-z0-9]*b[A-Za-z]*[ \t]+[^\n|;&]*[ \t]" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>]{4,200})",
            "https://httpd.apache.org/docs/2.4/programs/htpasswd.html", "", _password),
    Pattern("command-password", "chpasswd", Q + r"[a-z_][a-z0-9_.-]{0,31}:(?P<v>[^\x00-\x20\"'`\\<>|]{4,200})[\\]{0,3}[\"'`]?[ \t]{0,4}\|[ \t]{0,4}(?:sudo[ \t]{1,4})?chpasswd",
            "https://man7.org/linux/man-pages/man8/chpasswd.8.html", "", given),
    Pattern("command-password", "pass:", r"-pass(?:in|out)?[ \t]{1,3}" + Q + r"pass:(?P<v>[^\x00-\x20\"'`\\<>]{4,200})",
            "https://docs.openssl.org/master/man1/openssl-passphrase-options/", "", given),
    Pattern("command-password", "sudo\n-stdin\n-fd\n--with-token\n--password\n--token\n--passphrase", r"(?:echo|printf)[ \t]{1,4}(?:-[a-zA-Z]{1,3}[ \t]{1,4}|%s(?:\\n)?[ \t]{1,4})?" + Q + r"(?P<v>[^\x00-\x20\"'`\\<>|]{4,200})[\\]{0,3}[\"'`]?[ \t]{0,4}\|[ \t]{0,4}(?:sudo[ \t]{1,4}-S|[^\n|;&]{0,120}--(?:with-token|(?:password|passphrase|token)-?(?:stdin|fd)))",
            "https://docs.docker.com/reference/cli/docker/login/#password-stdin", r"\|[ \t]*(?:sudo[ \t]+-S|[^\n|]*--(?:with-token|(?:password|passphrase|token)-?(?:stdin|fd)))", given),
    Pattern("sql-password", "dentified\nDENTIFIED", "(?:[Ii]dentified|IDENTIFIED)[ \t]{1,3}(?:" + any_case("with") + r"[ \t]{1,3}[^\x00-\x20]{1,40}[ \t]{1,3})?" + any_case("by") + r"[ \t]{1,3}(?:" + any_case("password") + r"[ \t]{1,3})?[\\]{0,3}[\"'](?P<v>[^\x00-\x20\"'\\]{4,200})",
            "https://dev.mysql.com/doc/refman/8.4/en/create-user.html", "(?:[Ii]dentified|IDENTIFIED)[ \t]", given),
    Pattern("command-password", "ConvertTo-SecureString", r"ConvertTo-SecureString[ \t]{1,3}(?:-String[ \t]{1,3})?[\\]{0,3}[\"'](?P<v>[^\x00-\x20\"'\\]{4,200})",
            "https://learn.microsoft.com/powershell/module/microsoft.powershell.security/convertto-securestring", "", given),
    Pattern("command-password", "%", r"[ \t](?:-U|--user)[ \t=]{0,3}" + Q + r"[A-Za-z0-9_.@\\-]{1,80}%(?P<v>[^\x00-\x20\"'`\\<>]{4,200})",
            "https://www.samba.org/samba/docs/current/man-html/smbclient.1.html", r"[ \t](?:-U|--user)[^\n%]*%", _password),
    Pattern("netrc-password", "password", r"\bmachine[ \t\n]{1,4}[A-Za-z0-9.-]{3,80}[ \t\n]{1,4}login[ \t\n]{1,4}[^\x00-\x20]{1,80}[ \t\n]{1,4}password[ \t\n]{1,4}(?P<v>[^\x00-\x20\"']{4,120})",
            "https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html", r"login[ \t\n]+[^\x00-\x20]+[ \t\n]+password", given),
    Pattern("pgpass-password", ":5\n:6\n:*:", r"[A-Za-z0-9.*_-]{1,100}:(?:5[0-9]{3}|6[0-9]{3}|\*):[A-Za-z0-9_*-]{1,63}:[A-Za-z0-9_.*-]{1,63}:(?P<v>[^\x00-\x20\"'`\\<>]{6,200})",
            "https://www.postgresql.org/docs/current/libpq-pgpass.html", r":(?:[56][0-9]{3}|\*):[A-Za-z0-9_*-]+:[A-Za-z0-9_.*-]+:", _password),
    Pattern("putty-key", "Private-Lines", r"Private-Lines: [0-9]{1,3}\r?\n(?P<v>(?:[A-Za-z0-9+/=]{4,}\r?\n?)+)",
            "https://the.earth.li/~sgtatham/putty/latest/htmldoc/AppendixC.html"),
)  # fmt: skip
