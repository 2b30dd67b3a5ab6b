"""The forms in which a secret is given: of each a random value goes, with both engines alike."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest

from accrete.redaction import redact, redact_json, redact_value
from tests.redaction.engines import ENGINES
from tests.redaction.planted import ASSIGNED, draw

pytestmark = pytest.mark.long

VALUES = ("Qx7Rt2Lm9Zk4Vb8N", "h4Tq9wXz", "Zp3!kD8#vR1m")
WRITTEN = r"""
password=u'{}'
password=b'{}'
passwd = r"{}"
const p = process.env.PASSWORD ?? "{}"
const p = process.env.DB_PASSWORD || '{}'
password&#61;{}
password&#x3D;&#39;{}&#39;
&lt;password&gt;{}&lt;/password&gt;
&lt;db_password type=&quot;x&quot;&gt;{}&lt;/db_password&gt;
DB_PASSWORD ?= {}
DB_PASSWORD := {}
DB_PASSWORD += {}
ENV['DB_PASSWORD'] ||= '{}'
config.password ??= "{}"
$password //= '{}';
$password .= "{}";
user.token &&= '{}'
api_key <- "{}"
grammar_token ::= "{}"
setx DB_PASSWORD "{}"
(setq db-password "{}")
(defvar my-api-token "{}")
**Password**: `{}`
**Password:** `{}`
- **DB password**: {}
| Password | `{}` |
__Password__: {}
db_password: !vault '{}'
password: &main "{}"
password: !!str {}
password: !Secret "{}"
[password]{}[/password]
{"value":"{}","name":"DB_PASSWORD"}
{"Value": "{}", "Key": "DB_PASSWORD"}
- value: {}\n  name: DB_PASSWORD
{"Name":"/shop/db","Type":"SecureString","Value":"{}"}
{"ParameterKey":"DbPassword","ParameterValue":"{}"}
ParameterKey=DbPassword,ParameterValue={}
aws ssm put-parameter --name /shop/db-password --type SecureString --value {}
AWS Secret Access Key [None]: {}
AWS Secret Access Key [****************ABCD]: {}
Password for kim: {}
Password [hidden]: {}
public string ApiToken { get; set; } = "{}";
internal string Password { get; init; } = "{}";
  DbPassword:\n    Type: String\n    NoEcho: true\n    Default: {}
["token"]=>\n  string(16) "{}"
reg add HKCU\\X /v Password /t REG_SZ /d {} /f
reg add HKCU\\X /v Password /d "{}"
sops set f.yaml '["db_password"]' '"{}"'
consul kv put app/db_password {}
etcdctl put /app/token {}
SET app:token {}
x\nENV DB_PASSWORD {}
:db-password "{}"
mvn deploy -Dsalasana={}
printf 'kennwort=%s' '{}' >> .env
form-data; name="password"\r\n\r\n{}\r\n--b
  ~ password = "old" -> "{}"
  ~ password: "old" => "{}"
client.setPassword("{}")
builder.withPassword('{}')
new Client().password("{}")
config.set_password('{}')
auth=HTTPBasicAuth('kim','{}')
auth=HTTPBasicAuth("kim", "{}")
requests.get(u, auth=('kim', '{}'))
PHPSESSID={}
Cookie: JSESSIONID={}
sessionid={}
connect.sid={}
GITHUB_PAT={}
AZURE_DEVOPS_EXT_PAT: {}
SALT={}
password_salt = "{}"
requirepass {}
masterauth {}
bindpw {}
rootpw {}
rootbindpw "{}"
storePassword '{}'
keyPassword "{}"
A temporary password is generated for root@localhost: {}
The password for kim@example.org: {}
Password for the elastic user (reset with `bin/reset -u elastic`):\n  {}
Password (keep it safe): {}
["tool", "--password", "{}"]
getByLabel('Password').fill('{}')
page.locator("input[type=password]").fill("{}")
cy.get('input[name=password]').type('{}')
driver.find_element(By.ID, "password").send_keys("{}")
userEvent.type(screen.getByLabelText(/password/i), '{}')
fireEvent.change(passwordInput, { target: { value: '{}' } })
fill_in "Password", with: "{}"
"""
QUOTED = r"""
password = "{} and more"
"db_password": "two {}"
"""
COMMANDS = r"""
curl -su kim:{} https://x.example.org
curl -sSfu 'kim:{}' https://x.example.org
curl -Lku "kim:{}" https://x.example.org
sqlcmd -S db -U sa -P {} -Q x
sqlcmd -S db -U sa -P'{}'
bcp shop.dbo.t out x.csv -S db -U sa -P {}
snowsql -a x -u kim -p {}
cypher-shell -u neo4j -p {} 'MATCH (n)'
twine upload -u kim -p {} dist/x
poetry publish -u kim -p {}
psexec \\h -u kim -p {} cmd
mosquitto_pub -h h -u kim -P {} -t t
mosquitto_sub -u kim -P '{}' -t t
ipmitool -I lanplus -H h -U kim -P {} power status
xfreerdp /u:kim /p:{} /v:h
security unlock-keychain -p {} login.keychain
security add-generic-password -a kim -s x -w {}
net use Z: \\h\s /user:kim {}
net use \\h\s {} /user:kim
lftp -u kim,{} sftp://h
sqlplus kim/{}@db
sqlplus -s 'kim/{}@//db:1521/x'
jdbc:oracle:thin:kim/{}@h:1521:x
vault login {}
vault login -no-print {}
cargo login {}
gh secret set X -b"{}"
gh secret set X --body {}
echo {} | gh secret set X
echo -n "{}" | gh secret set X -R a/b
printf '%s' '{}' | docker login -u kim --password-stdin
gh auth login --with-token <<< {}
docker login -u kim --password-stdin <<< "{}"
sudo -S ls <<< '{}'
gh secret set X <<< "{}"
ALTER USER kim IDENTIFIED BY '{}'
ALTER USER kim IDENTIFIED BY {};
SET PASSWORD FOR x = '{}'
SET PASSWORD FOR 'kim'@'%' = PASSWORD('{}');
ALTER USER kim WITH PASSWORD '{}';
ALTER ROLE kim ENCRYPTED PASSWORD '{}'
curl -H "Authorization: Bearer\ {}" u
npm config set //r.example.org/:_authToken {}
plink -ssh h -pw {}
openssl enc -aes-256-cbc -k {} -in x
net user kim {} /add
helm upgrade x --set db.password={}
aws rds create-db-instance --master-user-password {}
keytool -genkey -storepass {} -keypass x
http -a kim:{} https://x.example.org
smbclient //h/s -U kim%{}
btoa("kim:{}")
Buffer.from('kim:{}').toString('base64')
base64.b64encode(b"kim:{}")
echo -n 'kim:{}' | base64
keyring.set_password("shop", "kim", "{}")
new NetworkCredential("kim", "{}")
DBI->connect($dsn, 'kim', '{}')
.basic_auth("kim", Some("{}"))
Fernet(b'{}')
echo -n "{}" | gcloud secrets create db --data-file=-
echo "{}" | gcloud secrets versions add db --data-file=-
echo "{}" | vercel env add DB production
echo {} | passwd --stdin kim
echo -e "{}\n{}" | passwd kim
printf 'DB_PASSWORD=%s\n' '{}' > .env
echo -n '{}' | cryptsetup luksFormat /dev/x -
echo -n {} | kubectl create secret generic x --from-file=p=/dev/stdin
firebase functions:secrets:set X <<< {}
pass insert -e x <<< '{}'
kubeseal --raw <<< {}
ssh-keygen -t ed25519 -N "{}" -f k
ssh-keygen -p -P {} -N x1 -f k
mc alias set m http://m:9000 kim {}
rabbitmqctl add_user kim {}
rabbitmqctl -n x change_password kim '{}'
sonar-scanner -Dsonar.login={}
codecov -t {}
dotnet nuget push x.nupkg -k {} -s x
choco apikey -k '{}' -source x
az keyvault secret set --vault-name x --name y --value "{}"
eas secret:create --name X --value {}
pulumi config set --secret db {}
pulumi config set db {} --secret
bw unlock {}
bw login kim@example.org {}
schtasks /create /tn x /ru kim /rp {}
http -A bearer -a {} https://x.example.org
xcrun altool --upload-app -u kim -p {}
crane auth login x -u kim -p {}
yt-dlp -u kim -p {} https://x.example.org
security import c.p12 -P {} -k x
snmpwalk -v2c -c {} h
rdesktop -u kim -p {} h
ncftpput -u kim -p '{}' h
evil-winrm -i h -u kim -p {}
hydra -l kim -p {} ssh://h
dotnet nuget add source -u kim -p {} https://x.example.org
impacket-psexec 'corp/kim:{}@192.0.2.1'
python3 secretsdump.py kim:{}@192.0.2.1
redis-cli ACL SETUSER kim on >{} ~* +@all
ftp -n h <<EOF\nuser kim {}\nEOF
ssh.connect(host, 22, 'kim', '{}')
db.changeUserPassword("kim", "{}")
"{}" | ConvertTo-SecureString -AsPlainText -Force
"""
DEVICES = r"""
username kim privilege 15 password 0 {}
username kim secret 0 {}
enable password level 10 0 {}
enable secret 0 {}
snmp-server community {} RO 10
snmp-server host 192.0.2.1 version 2c {}
snmp-server host 192.0.2.1 vrf mgmt traps version 3 priv {}
snmp-server user kim ops v3 auth sha {} priv aes 128 x
snmp-server user kim ops v3 auth sha x priv aes 128 {}
set snmp community {} authorization read-only
rocommunity {} 192.0.2.0/24
rwcommunity6 {}
com2sec readonly default {}
createUser kim SHA "{}" AES x
createUser kim SHA-512 x AES "{}"
tacacs-server host 192.0.2.2 key {}
radius-server host 192.0.2.3 auth-port 1812 acct-port 1813 key {}
crypto isakmp key {} address 192.0.2.4
crypto isakmp key 6 {} address 192.0.2.4
neighbor 192.0.2.5 password {}
ip ospf message-digest-key 1 md5 {}
ip ospf authentication-key {}
ntp authentication-key 1 md5 {} 7
standby 1 authentication md5 key-string {}
standby 1 authentication text {}
wpa-psk ascii 0 {}
 key 0 {}
set psksecret {}
local-user kim password irreversible-cipher %^%#{}`"<x>q\\7kQz%^%#
 password cipher %^%#{}h4Tq9wXz8Zk4%^%#
snmp-agent community read cipher %@%@{}h4Tq9wXz8Zk4%@%@
peer 192.0.2.1 password cipher %$%${}h4Tq9wXz8Zk4%$%$
local-user kim password cipher %#%#{}h4Tq9wXz8Zk4%#%#
local-user kim password irreversible-cipher $1a${}$Zk4Vb8Nh4Tq9wXzQx7Rt2Lm9$
local-user kim password simple {}
super password level 3 simple {}
ospf authentication-mode md5 1 plain {}
pre-shared-key cipher {}
 password encrypted {}
  key-string password {}
 message-digest-key 1 md5 encrypted {}
set security ike policy x pre-shared-key ascii-text "{}"
password manager user-name "admin" plaintext "{}"
password operator sha1 {}
snmpv3 user kim auth sha "{}" priv aes "x"
snmp-server user kim admin auth md5 x priv {} localizedkey
tacacs server X\n address ipv4 192.0.2.1\n key {}
aaa-server X (inside) host 192.0.2.3\n key {}
client x\n server-private 192.0.2.4 auth-port 1812 key {}
 pre-shared-key address 0.0.0.0 0.0.0.0 key {}
standby 1 authentication {}
vrrp 1 authentication {}
    wpa-passphrase {}
encrypted-key "{}"
  password7 {}
authentication-key "{}" hash2
192.0.2.1 %any : PSK "{}"
kim : XAUTH "{}"
"kim" l2tpd "{}" *
radtest kim {} localhost 0 testing123
radtest kim secret localhost 0 {}
racadm -r 192.0.2.1 -u root -p {} getsysinfo
ipmitool user set password 2 {}
    Key Content            : {}
	option key '{}'
wg set wg0 peer x preshared-key <(echo {})
umask 077; echo {} | tee /etc/wireguard/privatekey
"""
"""Lines of configurations of network devices."""
COLUMNS = r"""
INSERT INTO users (name, password) VALUES ('kim', '{}');
insert into `users` (`id`, `password`) values (1, "{}")
INSERT INTO users (id, passwd, mail) VALUES (1, 'sunshine', 'a'), (2, '{}', 'b''c');
REPLACE INTO public.users (\"name\", pass) VALUES (E'kim', E'{}');
INSERT INTO users(mail,password_hash,at)VALUES('a@example.org',crypt('{}', gen_salt('bf')),now());
INSERT INTO api_tokens (user_id, token) VALUES (4, '{}') ON CONFLICT (user_id) DO NOTHING;
psql -c "INSERT INTO users (name, \"password\") VALUES ('kim', '{}')"
{"sql": "INSERT INTO users (name, password)\nVALUES (\n  'kim', -- (the first)\n  '{}'\n);"}
MERGE INTO t USING s ON 1=1 WHEN NOT MATCHED THEN INSERT (name, pwd) VALUES ('kim', '{}');
INSERT INTO wp_options (option_name, option_value) VALUES ('url', 'x'), ('mail_password', '{}');
INSERT INTO settings (key, value) VALUES ('smtp_password', '{}');
INSERT INTO geheim (nombre, contraseña) VALUES ('kim', '{}');
db.execute("INSERT INTO users (name, password) VALUES (?, ?)", ("kim", "{}"))
db.executemany('INSERT INTO u (name, password) VALUES (%s, %s)', [('a', 'b'), ('kim', '{}')])
db.prepare('INSERT INTO users (name, password) VALUES (?, ?)').run('kim', '{}')
db.Exec("INSERT INTO users (name, password) VALUES ($1, $2)", "kim", "{}")
     3\tINSERT INTO users (name, password)\n     4\tVALUES\n     5\t  ('kim', '{}');
+INSERT INTO u (name, password) VALUES\n+  ('a', 'b'), -- (1)\n+  ('kim', '{}');
COPY public.users (id, mail, password) FROM stdin;\n1\ta\tb\n2\ta@example.org\t{}\n\.
    12\tCOPY u (id, password) FROM stdin;\n    13\t1\t{}\n
 id | name | password\n----+------+---------\n  1 | kim | x\n  2 | a | {}\n(2 rows)
+----+----------+\n| id | API key  |\n+----+----------+\n| 1  | {} |\n+----+----------+
name,password,mail\nkim,{},kim@example.org
"mail","password"\n"kim@example.org","{}"\n
id\tapi_token\n1\t{}
user;Secret Key;since\nkim;{};2026
| Service | Token |\n|---|---|\n| shop | `{}` |
"""
"""Rows whose columns have names."""
LONG = re.compile("_PAT|SALT|_salt|SESS|sessionid|sid=|Bearer|_authToken")
"""Forms that say little: a short value of theirs may be anything."""
LISTS: tuple[Any, ...] = (
    {"command": "mysql", "args": ["-u", "root", "-p{}"]},
    {"command": "redis-cli", "args": ["-a", "{}", "ping"]},
    ["sshpass", "-p", "{}", "ssh", "h"],
    ["docker", "login", "-u", "k", "-p", "{}"],
    ["curl", "-u", "kim:{}", "https://x.example.org"],
    {"cmd": ["mysqldump", "-h", "db", "-p{}", "shop"]},
    {"Cmd": ["sqlcmd", "-P", "{}"]},
    {"element": "Password field", "text": "{}"},
    {"element": "the password input", "ref": "e12", "text": "{}"},
    {"selector": "#password", "value": "{}"},
    {"selector": "input[name=password]", "value": "{}"},
    {"selector": "input[type='password']", "text": "{}"},
    {"fields": [{"name": "Password", "type": "textbox", "ref": "e1", "value": "{}"}]},
    {"locator": "getByLabel('Password')", "value": "{}"},
    {"placeholder": "Password", "value": "{}"},
    {"value": "{}", "name": "DB_PASSWORD"},
    {"Name": "/shop/db", "Type": "SecureString", "Value": "{}"},
    {"ParameterKey": "DbPassword", "ParameterValue": "{}"},
    {"OptionName": "DbPassword", "Value": "{}"},
)


STRONG = ("Summer2024!", "Welcome1!", "Kitten-1999!", "admin2024!!")
"""Passwords as people make them: a word, a year, an exclamation mark."""
TYPED = r"""
DB_PASSWORD={}
export PGPASSWORD={}
password: {}
password = {}
- Password: {}
Password: {}
the password is {}
(password: {})
mysql --password={} -h db
{"password": "{}"}
["--password", "{}"]
client.setPassword("{}");
user.set_password('{}')
docker run -e MYSQL_ROOT_PASSWORD={} mysql
"""
TRANSLATED = r"""
{"password": "Пароль"}
{"password": "パスワード"}
{"password": "비밀번호"}
{"password": "密码不能为空"}
{"confirmPassword": "Подтвердите_пароль"}
{"password": "Contraseña"}
{"password": "Contraseña:"}
{"password": "Wachtwoord*"}
password: Пароль
password: "¡Contraseñas!"
{"token": "Токен"}
{"apiKey": "API密钥"}
{"apiKey": "API-ключ"}
{"secret": "Geheimnis"}
{"secretKey": "シークレットキー"}
{"password": "รหัสผ่าน"}
{"passwordTooShort": "Mínimo8"}
(`contraseña`, `пароль`, `密码`)
Password: required!
the password is wrong!
the token is invalid!!
"Password is required!"
`--auth`, `--basic`, `--http-user`
["--password", "--user"]
parser.add_argument("--token", "-t", default=None)
user.resetPassword("kim@example.org")
Buffer.from("data:image/png;base64,iVBORw0KGgo=")
Buffer.from("http://example.org/path1")
ssh-keygen -t ed25519 -C "kim@example.org" -f ~/.ssh/id -N ""
ssh-keygen -lf key.pub
pulumi config set aws:region eu-west-1
snmpwalk -v2c -c public h
rabbitmqctl add_user kim "$PW"
await page.fill('#email', 'kim@example.org')
page.getByLabel('Password').fill(process.env.PW!)
page.getByLabel('Password').fill('wrong-password')
The key (see docs): fooBar2baz
send "hello2World\\n"
import { a, token,\n  oauth2Client, jwtToken2 }
| token | Description |\n|---|---|\n| access | The v2Token of Base64Encoded |
name,token_count\na,Qx7Rt2Lm9Zk4Vb8N
Option | Secret\nfoo2bar | OAuth2Provider\n--primary-color2 | v1beta1
name,token\n\nkim,Qx7Rt2Lm9Zk4Vb8N
psexec.py -h user:pass@host
socket.connect('tcp', 'server2:8080')
resetPassword("kim", "kim2@example.org")
ftp -n host\nuser name
snmp-server community public RO
snmp-server community <string> RO
the snmp community string is a kind of password
password 7 characters long
use secret 5 times, key 7 is the best one, key 0 is the first
rocommunity public
com2sec readonly default public
snmp-server host 192.0.2.1 traps version 2c public
authentication text messages are not safe
createUser kim SHA <password>
INSERT INTO users (name, password) VALUES (?, ?)
INSERT INTO users (name, password) VALUES ('kim', 'password'), ('x', '<password>')
INSERT INTO users (name, mail) VALUES ('h4Tq9wXz', 'Qx7Rt2Lm9Zk4Vb8N')
INSERT INTO settings (key, value) VALUES ('theme', 'Qx7Rt2Lm9Zk4Vb8N')
INSERT INTO passwords (name, mail) VALUES (?, ?)", ("kim", "Qx7Rt2Lm9Zk4Vb8N")
SELECT * FROM users WHERE (name, mail) IN (VALUES ('kim', 'Qx7Rt2Lm9Zk4Vb8N'))
ii  passwd       1:4.13+dfsg1-1+deb12u1  amd64  change and administer password
apt passwd 1:4.13+dfsg1-1+deb12u1
passwd/stable,now 1:4.13+dfsg1-1+b1 amd64 [installed]
passwd 1:4.8.1-2ubuntu2.2
token 10.4.1-rc.1
password: 1.2.3-beta4
SRP_user_pwd *SRP_VBASE_get1_by_user(SRP_VBASE *vb, char *name);
The key idea: useEffect2 runs twice
key plain text2html conversion
the mode cipher aes256-gcm@openssh.com
set encryption mode cipher AES-256-CBC
a password simple enough to remember
secret password manager 1Password8
level 3 cipher suite
vrrp 1 priority 254
radius server X\n address ipv4 192.0.2.1 auth-port 1812\n key
server-private key exchange2
option key value1
12345678-1234-1234-1234-123456789abc : PSK
| 123456789012345|abcdefghijklmnopqrstuvwxyzabcd |
class="as-Abcdefghijklmnopqrstuv"
dose_response_curve_fit_2024_final_v2_of_it
public string Password { get; set; } = string.Empty;
public string Token { get; init; } = DefaultToken1;
  DbPassword:\n    Type: String\n    Default: changeme
  TokenTtl:\n    Type: Number\n    Default: 3600
["token"]=>\n  string(5) "hello"
reg add HKCU\\X /v TokenUrl /t REG_SZ /d https://a.example.org/x1 /f
consul kv put app/token-url https://example.org/v1
:password "required"
password -> passwordHash2
secret -> secrets2env
form-data; name="comment"\r\n\r\nQx7Rt2Lm9Zk4Vb8N
printf 'version=%s\\n' 'Qx7Rt2Lm9Zk4Vb8N'
Auth flow (simplified): OAuth2
"""


def lines(text: str) -> list[str]:
    return text.strip("\n").splitlines()


@pytest.mark.long
@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("form", [*lines(WRITTEN), *lines(QUOTED)])
def test_a_value_given_to_a_name_goes(form, value):
    value = VALUES[0] if LONG.search(form) else value
    held(form.replace("\\n", "\n").replace("{}", value), value)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("form", lines(COMMANDS))
def test_a_value_given_to_a_command_goes(form, value):
    value = VALUES[0] if LONG.search(form) else value
    form = form.replace("\\nuser", "\nuser").replace("\\nEOF", "\nEOF")
    held(form.replace("{}", value), value)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("form", [*lines(DEVICES), *lines(COLUMNS)])
def test_a_value_in_a_line_of_a_device_or_under_the_name_of_a_column_goes(form, value):
    form = form.replace("\\n", "\n").replace("\\t", "\t")
    held(form.replace("{}", value), value)


def test_what_devices_store_encrypted_goes_whatever_holds_it():
    dice = random.Random(7)
    for stored in (
        "07" + draw(dice, "U", 14).replace("G", "0"),
        f"$1${draw(dice, 'a', 4)}${draw(dice, 'a', 22)}",
        f"$8${draw(dice, 'a', 14)}${draw(dice, 'a', 43)}",
        f"$9${draw(dice, 'a', 14)}${draw(dice, 'a', 43)}",
    ):
        for before in ("username kim password 7 ", "key 7 ", "enable secret 7 "):
            held(f"{before}{stored}\n", stored)
    secret = draw(dice, "s", 86) + "=="
    for line in (
        "set password ENC {}",
        '    set psksecret "ENC {}"',
        '>>>  "set" "password" "ENC" "{}" @ 12:vpn',
        "enable password $sha512$5000$YWJjZGVmZ2hpamtsbW5vcA==${} pbkdf2",
        "  passphrase $M$g2${}",
        " password cipher $c$3${}",
        " password hash $h$6$YWJjZGVmZ2hpamts${}",
        "set ns rpcNode 192.0.2.1 -password " + draw(dice, "x", 64) + "{} -encrypted",
    ):
        stored = draw(dice, "x", 64) if "-encrypted" in line else secret
        held(line.replace("{}", stored) + "\n", stored)
    junos = "$9" + "$O.mfIRSevLxNVwYgoGUHq"
    held(f'secret "{junos}"; ## SECRET-DATA', junos)


def test_a_row_that_is_cut_and_one_after_many_cut_ones_are_read():
    held("INSERT INTO u (password) VALUES ('Qx7Rt2Lm9Zk4Vb8N', 'kim", "Qx7Rt2Lm9Zk4Vb8N")
    whole = "INSERT INTO u (name, password) VALUES ('kim', 'Qx7Rt2Lm9Zk4Vb8N');\n"
    held("INSERT INTO u (name, password) VALUES (now(;\n" * 3 + whole, "Qx7Rt2Lm9Zk4Vb8N")


@pytest.mark.parametrize("password", STRONG)
@pytest.mark.parametrize("form", lines(TYPED))
def test_a_password_made_of_a_word_and_a_sign_goes(form, password):
    held(form.replace("{}", password), password)


@pytest.mark.parametrize("password", ["Müller2024!", "Größe#2024"])
def test_a_password_with_letters_of_another_language_goes(password):
    held(f'{{"password": "{password}"}}', password)


@pytest.mark.parametrize("line", lines(TRANSLATED))
def test_a_word_in_another_language_and_an_option_stay(line):
    line = line.replace("\\n", "\n")
    for redactor in ENGINES:
        assert redactor.redact(line) == line


def test_keys_that_consoles_show_go():
    dice = random.Random(4)
    for before in ("Unseal Key 1: ", "Recovery Key (will be hidden): "):
        key = draw(dice, "s", 43) + "="
        held(before + key, key)
    key = draw(dice, "s", 40)
    name = "AK" + "IA" + draw(dice, "t", 16)
    held(f"Access key ID,Secret access key\n{name},{key}\n", key)


def held(text: str, value: str) -> None:
    for redactor in ENGINES:
        clean = redactor.redact(text)
        assert value not in clean
        assert redactor.redact(clean) == clean
    assert ENGINES[0].find(text) == ENGINES[1].find(text)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("form", LISTS, ids=json.dumps)
def test_a_value_in_an_object_or_a_list_of_arguments_goes(form, value):
    text = json.dumps(form).replace("{}", value)
    clean = redact_json(text, redact)
    assert value not in clean
    assert redact_json(clean, redact) == clean
    assert len(json.loads(clean)) == len(form)


def test_a_token_without_a_user_in_an_address_goes():
    held("git clone https://Qx7Rt2Lm9Zk4Vb8NcD@git.example.org/a/b.git", "Qx7Rt2Lm9Zk4Vb8NcD")


@pytest.mark.parametrize("form", ASSIGNED)
@pytest.mark.parametrize("name", ["password", "DB_PASS", "api_key", "auth"])
def test_both_engines_find_the_same_in_every_form(form, name):
    for value in (*VALUES, "u'Qx7Rt2Lm9Zk4'", "3f1f43f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4"):
        text = ASSIGNED[form](name, value)
        assert ENGINES[0].find(text) == ENGINES[1].find(text)


CLEAN: tuple[Any, ...] = (
    {"element": "Submit button", "text": "Qx7Rt2"},
    {"element": "Password field", "text": "password"},
    {"selector": "#username", "value": "kim-lee-2024"},
    {"element": "Forgot password link", "ref": "e12"},
    ["docker", "run", "-p", "8080:80", "image"],
    {"command": "npx", "args": ["-y", "@playwright/mcp@latest"]},
    {"command": "mkdir", "args": ["-p", "build/output2"]},
    {"Name": "/shop/db", "Type": "String", "Value": "db-1.internal"},
)


@pytest.mark.parametrize("value", CLEAN, ids=json.dumps)
def test_an_object_without_a_secret_stays(value):
    assert redact_value(value, redact) is value
