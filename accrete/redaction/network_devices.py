"""Passwords and ciphertexts in the configurations of network devices, beyond those in `placed.py`."""

from __future__ import annotations

import re

from accrete.redaction.patterns import Pattern
from accrete.redaction.placed import Q, given, is_password
from accrete.text.lazy import lazy

HASHCAT = "https://hashcat.net/wiki/doku.php?id=example_hashes"
FORTINET = "https://docs.fortinet.com/document/fortimanager/7.2.0/best-practices/338373/secure-password-storage"
HUAWEI = "https://blog.emaze.net/2015/09/huawei-password-schemes-episode-3.html"
CIPHER = "https://www.easymanua.ls/huawei/quidway-s8500-series/manual?p=38"
H3C = "https://www.manualslib.com/manual/3098446/H3c-S6812-Series.html?page=1687"
F5 = "https://techdocs.f5.com/en-us/bigip-13-1-0/big-ip-secure-vault-administration/what-is-secure-vault.html"
RANCID = (
    "https://github.com/intentionet/netconan/blob/master/netconan/default_pwd_regexes.py "
    "Netconan, after RANCID"
)
ARUBA = "https://www.arubanetworks.com/techdocs/central/latest/content/nms/aos-switch/cfg/cfg-template/password-command.htm"
NETSCALER = "https://developer-docs.netscaler.com/en-us/adc-command-reference-int/current-release"
STRONGSWAN = "https://github.com/strongswan/strongswan/blob/master/man/ipsec.secrets.5.in"
PPPD = "https://ppp.samba.org/pppd.html"
RADTEST = "https://freeradius.org/radiusd/man/radtest.html"
NETSH = "https://learn.microsoft.com/windows-server/administration/windows-commands/netsh-wlan"
UCI = "https://openwrt.org/docs/guide-user/network/wifi/basic"
IPMITOOL = "https://github.com/ipmitool/ipmitool/blob/master/doc/ipmitool.1.in"

_V = r"(?P<v>[^\x00-\x20\"'`\\<>;]{6,200})"
_STORED = (
    r"(?:cipher|simple|plain|plaintext|ciphertext|encrypted|ascii-text|hexadecimal|"
    r"sha512(?:[ ]7)?|hmac-sha-?256|key[ ]7)"
)
"""How a device says that it shows the value as it is, or in which form it stores it."""
_HELD = lazy(
    r"(?:[Pp]assword7?|passwd|bfd|secret|key|md5|read|write|community|mode|phrase|psk|key-string)"
    r"(?:[ ]level)?(?:[ ][0-9]{1,5})?(?:[ ](?:md5|hmac-[a-z0-9-]{2,12}|simple|rw|ro)){0,2}"
    r"(?:[ ]irreversible)?$"
)
"""What it says it of, with what may stand between: `password level 3`, `md5 1`."""


_NAMES = lazy(
    r"(?-i:[a-z]+[0-9]{1,3}[a-z]+)|.*(?:aes|des|rsa|ecdsa|sha|gcm|cbc|ctr|chacha|poly1305|tls)[-_0-9].*",
    re.IGNORECASE,
)
"""What a sentence may name behind such words: `plain text2html`, `cipher AES-256-CBC`."""


def _stored(value: str) -> bool:
    """A password or its ciphertext."""
    return is_password(value) and _NAMES.fullmatch(value) is None


def _held(text: str, at: int) -> bool:
    """Whether the words before `at` say what is stored."""
    return _HELD.search(text, max(0, at - 60), at) is not None


DEVICES: tuple[Pattern, ...] = (
    Pattern("device-password", "ENC \nENC\"", r"ENC[\\]{0,3}\"?[ ][\\]{0,3}\"?(?P<v>[A-Za-z0-9+/]{12,800}={0,2})(?:[^A-Za-z0-9+/=]|$)",
            f"{FORTINET}, {HASHCAT} FortiGate", r"[ \"]ENC[\\\"]{0,4} [\\\"]{0,4}[A-Za-z0-9+/]{4}", given),
    Pattern("device-password", "%^%#\n%$%$\n%@%@\n%#%#\n@%@%",
            r"(?:%\^%#[!-~]{12,800}?%\^%#|%\$%\$[!-~]{12,400}?%\$%\$|%@%@[!-~]{12,400}?%@%@|%#%#[!-~]{12,400}?%#%#|@%@%[!-~]{12,400}?@%@%)",
            HUAWEI, r"%\^%#[!-~]|%\$%\$[!-~]|%@%@[!-~]|%#%#[!-~]|@%@%[!-~]"),
    Pattern("device-password", "$1a$\n$1c$\n$1d$", r"\$1[acd]\$[!-~]{6,40}?\$[!-~]{20,200}?\$(?:[ \t\r\n\"\\]|$)", HUAWEI,
            r"\$1[acd]\$[!-~]{4}"),
    Pattern("device-password", "$c$3$\n$h$6$",
            r"\$(?:c\$3\$[A-Za-z0-9+/]{8,400}={0,2}|h\$6\$[A-Za-z0-9+/]{8,40}={0,2}\$[A-Za-z0-9+/]{20,120}={0,2})",
            H3C, r"\$(?:c\$3|h\$6)\$"),
    Pattern("device-password", "$M$", r"\$M\$[A-Za-z0-9+/]{1,4}\$[A-Za-z0-9+/]{16,800}={0,2}", F5, r"\$M\$[A-Za-z0-9+/]"),
    Pattern("password-hash", "$sha512$", r"\$sha512\$[0-9]{2,9}\$[A-Za-z0-9+/]{8,40}={0,2}\$[A-Za-z0-9+/]{16,120}={0,2}", HASHCAT,
            r"\$sha512\$[0-9]"),
    Pattern("device-password",
            " cipher \n-cipher \n simple \n plain \n plaintext \n ciphertext \n encrypted \n ascii-text \n hexadecimal \n sha512 \n-256 \n-sha256 \n key 7 ",
            rf"[ -]{_STORED}[ ]{Q}{_V}", f"{CIPHER}, {RANCID}", "", _stored, _held),
    Pattern("device-password", "assword manager\nassword operator",
            rf"password[ ](?:manager|operator)[ ](?:user-name[ ]{Q}[^\x00-\x20\"\\]{{1,60}}{Q}[ ])?(?:sha1|sha256|plaintext)[ ]{Q}{_V}",
            ARUBA, "", given),
    Pattern("device-password", "-server user\nsnmpv3 user",
            rf"(?:snmp-server|snmpv3)[ ]user[ ][^\n]{{1,200}}[ ]auth[ ](?:sha|md5)[0-9-]{{0,4}}[ ]{Q}{_V}", RANCID,
            "(?:snmp-server|snmpv3) user ", is_password),
    Pattern("device-password", "-server user\nsnmpv3 user",
            rf"(?:snmp-server|snmpv3)[ ]user[ ][^\n]{{1,300}}[ ]priv[ ](?:(?:3?des|aes)(?:[ -]?(?:128|192|256))?[ ])?{Q}{_V}",
            RANCID, "(?:snmp-server|snmpv3) user ", is_password),
    Pattern("device-password", "tacacs\nradius server\nradius-server\nradius scheme\naaa-server\naaa authentication-server",
            rf"(?:tacacs|radius[ -]server|radius[ ]scheme|aaa-server|aaa[ ]authentication-server)[^\n]*\n(?:[ \t][^\n]*\n){{0,6}}[ \t]{{1,8}}key[ ](?:[0-9][ ])?{Q}{_V}",
            RANCID, r"(?:tacacs|radius[ -]server|radius scheme|aaa-server|authentication-server)[^\n]*\n[ \t]", _stored),
    Pattern("device-password", "server-private\npre-shared-key address",
            rf"(?:server-private|pre-shared-key[ ]address)[ ][0-9a-fA-F.:]{{2,45}}(?:[ ][0-9.]{{7,15}})?(?:[ ][a-z-]{{2,12}}[ ][0-9]{{1,5}})?[ ]key[ ](?:[0-9][ ])?{Q}{_V}",
            RANCID, "(?:server-private|pre-shared-key address) [0-9a-fA-F.:]", _stored),
    Pattern("device-password", "vrrp \nstandby ",
            rf"(?:vrrp|standby)[ ][0-9]{{1,3}}[ ]authentication[ ]{Q}{_V}", RANCID, "(?:vrrp|standby) [0-9]", is_password),
    Pattern("device-password", "wpa-passphrase \nmgmt-user \nencrypted-key \nassword7 \nkey-string password ",
            rf"(?:wpa-passphrase|mgmt-user[ ][A-Za-z0-9_-]{{1,40}}[ ][a-z-]{{2,20}}|encrypted-key|password7|key-string[ ]password)[ ]{Q}{_V}", ARUBA, "", _stored),
    Pattern("device-password", " -encrypted\n-passcrypt ",
            r"(?:-passcrypt[ ][\\]{0,3}\"?|[ ])(?P<v>[0-9a-f]{16,400})(?:[ ]-encrypted|[\\]{0,3}\")", NETSCALER),
    Pattern("device-password", " hash2", r"[\\]{0,3}\"(?P<v>[^\x00-\x20\"'`\\<>;]{6,200})[\\]{0,3}\"[ ]hash2(?:[^A-Za-z0-9]|$)",
            "https://www.easymanua.ls/alcatel-lucent/7210-sas-d/manual?p=337", "", _stored),
    Pattern("device-password", ": PSK \n: EAP \n: XAUTH \n: NTLM ", rf":[ ](?:PSK|EAP|XAUTH|NTLM)[ ]{Q}{_V}", STRONGSWAN, "", is_password),
    Pattern("device-password", "l2tpd\npptpd", rf"[ \t\"](?:l2tpd|pptpd)\"?[ \t]{{1,12}}{Q}{_V}[\\]{{0,3}}[\"']?[ \t]{{1,12}}[\"']?(?:\*|[0-9])",
            PPPD, r"(?:l2tpd|pptpd)\"?[ \t]", is_password),
    Pattern("command-password", "-key <(echo\n-key <(printf\nprivatekey",
            rf"(?:-key[ ]<\((?:echo|printf)[ \t]{Q}|(?:echo|printf)[ \t]{Q}){_V}(?:[\\]{{0,3}}[\"']?[ ]?\)|[\\]{{0,3}}[\"']?[ ]?(?:\|[ ]?tee|>{{1,2}})[ ]?[^\x00-\x20|;&]{{0,80}}privatekey)",
            "https://www.wireguard.com/quickstart/", r"-key <\(|(?:tee |> ?)[^\x00-\x20|;&]*privatekey", is_password),
    Pattern("command-password", "radtest", rf"radtest[ \t](?:-[a-z0-9][ \t][^\x00-\x20]{{1,20}}[ \t])?{Q}[^\x00-\x20\"']{{1,80}}{Q}[ \t]{{1,3}}{Q}{_V}",
            RADTEST, r"radtest[ \t]", is_password),
    Pattern("command-password", "radtest", rf"radtest[ \t][^\n|;&]{{4,200}}[ \t][0-9]{{1,5}}[ \t]{{1,3}}{Q}{_V}", RADTEST, r"radtest[ \t]", is_password),
    Pattern("command-password", "racadm", rf"racadm[ \t](?:[^\n|;&]{{0,200}}[ \t])?-p[ \t]{{1,3}}{Q}{_V}",
            "https://www.manualshelf.com/manual/dell/poweredge-r230/1-users-guide-english/page-49.html", r"racadm[ \t]", given),
    Pattern("command-password", "user set password", rf"user[ ]set[ ]password[ ][0-9]{{1,2}}[ ]{Q}{_V}", IPMITOOL, "", given),
    Pattern("device-password", "Key Content", r"Key Content[ ]{1,30}:[ ](?P<v>[^\x00-\x1f\\]{8,63})", NETSH, "", given),
    Pattern("device-password", "option key\noption\tkey", rf"option[ \t]key[ \t]{{1,3}}{Q}{_V}", UCI, "", is_password),
)  # fmt: skip
