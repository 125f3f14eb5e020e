"""secure.py: a real Kafka node that asks who is there and what they may do: TLS, client certificates, SASL, access lists.

Its addresses, all on 127.0.0.1, besides `bootstrap`, plain text, where the nameless caller may do everything (tests and kcat):

    secure   SASL_SSL: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512
    clear    SASL_PLAINTEXT: the same without TLS
    mutual   SSL with client certificates; CN is the user
    expired  SASL_SSL behind a certificate that has run out

Nobody else may do anything that no access list allows. Certificates are made by openssl when the node is: `ca.pem` signs the
node's (for 127.0.0.1, and no name) and the clients'; `other-ca.pem` signs nothing."""

import os
import socket
import struct
import subprocess

import broker
import wire

USERS = ["handover", "auditor", "publisher", "maker", "nobody", *(f"lacks-{number}" for number in range(25))]
PASSWORD = "swordfish-7f3a91"  # of every user; tests look for it where it must not be
KEY_PASSWORD = "opensesame-c44d20"
DESCRIBE_ACLS, CREATE_ACLS = 29, 30
TOPIC, GROUP, CLUSTER, TRANSACTIONAL_ID = 2, 3, 4, 5
READ, WRITE, CREATE, DESCRIBE, DESCRIBE_CONFIGS = 3, 4, 5, 8, 10
LITERAL, PREFIXED = 3, 4
ALLOW = 3


def openssl(folder, *arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise broker.BrokerError(f"openssl {' '.join(map(str, arguments))}: {done.stderr[-1000:]}")


def make_authority(folder, name):
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-days", 2,
            "-keyout", f"{name}-key.pem", "-out", f"{name}.pem")


def make_certificate(folder, name, days=2, names="IP:127.0.0.1"):
    """NAME-key.pem, NAME.pem, and NAME-both.pem as Kafka's brokers take them."""
    openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}-key.pem",
            "-out", f"{name}.csr")
    (folder / f"{name}.ext").write_text(f"subjectAltName={names}\n")
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial",
            "-days", days, "-extfile", f"{name}.ext", "-out", f"{name}.pem")
    parts = [folder / f"{name}-key.pem", folder / f"{name}.pem", folder / "ca.pem"]
    (folder / f"{name}-both.pem").write_text("".join(part.read_text() for part in parts))


def make_certificates(folder):
    make_authority(folder, "ca")
    make_authority(folder, "other-ca")
    make_certificate(folder, "node")
    make_certificate(folder, "expired", days=-1)
    make_certificate(folder, "handover", names="DNS:handover")
    make_certificate(folder, "stranger", names="DNS:stranger")
    openssl(folder, "pkcs8", "-topk8", "-in", "handover-key.pem", "-passout", f"pass:{KEY_PASSWORD}", "-v2", "aes256",
            "-out", "handover-locked.pem")


def free_addresses(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    return addresses


LISTENERS = {"SECURE": "SASL_SSL", "CLEAR": "SASL_PLAINTEXT", "MUTUAL": "SSL", "EXPIRED": "SASL_SSL"}
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")


def login(listener):
    """Who may log in where: PLAIN's users stand in the settings, SCRAM's in the log."""
    users = " ".join(f'user_{user}="{PASSWORD}"' for user in USERS)
    plain = "org.apache.kafka.common.security.plain.PlainLoginModule"
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule"
    start = f"listener.name.{listener.lower()}."
    return [f"{start}sasl.enabled.mechanisms={','.join(MECHANISMS)}",
            f"{start}plain.sasl.jaas.config={plain} required {users};",
            *(f"{start}{each.lower()}.sasl.jaas.config={scram} required;" for each in MECHANISMS[1:])]


def properties(folder, ports):
    addresses = {"PLAINTEXT": ports["bootstrap"], **{name: ports[name.lower()] for name in LISTENERS}}
    listeners = ",".join(f"{name}://{address}" for name, address in addresses.items())
    protocols = ",".join(f"{name}:{protocol}" for name, protocol in
                         {"PLAINTEXT": "PLAINTEXT", "CONTROLLER": "PLAINTEXT", **LISTENERS}.items())
    lines = [f"listeners={listeners},CONTROLLER://{ports['controller']}", f"advertised.listeners={listeners}",
             f"listener.security.protocol.map={protocols}",
             "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
             "allow.everyone.if.no.acl.found=false", "super.users=User:ANONYMOUS",
             "ssl.keystore.type=PEM", f"ssl.keystore.location={folder}/node-both.pem",
             "ssl.truststore.type=PEM", f"ssl.truststore.location={folder}/ca.pem",
             "listener.name.mutual.ssl.client.auth=required",
             "listener.name.mutual.ssl.principal.mapping.rules=RULE:^CN=([^,]*).*$/$1/",
             "listener.name.expired.ssl.keystore.type=PEM",
             f"listener.name.expired.ssl.keystore.location={folder}/expired-both.pem"]
    for listener, protocol in LISTENERS.items():
        if protocol.startswith("SASL"):
            lines += login(listener)
    return "".join(line + "\n" for line in lines)


class SecureBroker(broker.Broker):
    KEPT = "HANDOVER_KAFKA_SECURE_NODE"

    def start(self):
        if not (self.folder / "ports").exists():
            self.prepare()
        super().start()

    def prepare(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        make_certificates(self.folder)
        names = ["bootstrap", "controller", "proxied", "proxy", "sasl", *(name.lower() for name in LISTENERS)]
        ports = dict(zip(names, free_addresses(len(names))))
        (self.folder / "ports").write_text("".join(f"{name}={address}\n" for name, address in ports.items()))
        (self.folder / "more").write_text(properties(self.folder, ports))
        (self.folder / "format").write_text("".join(
            f"--add-scram {mechanism}=[name={user},password={PASSWORD}]\n" for user in ("handover",)
            for mechanism in MECHANISMS[1:]))

    def allow(self, user, rights):
        """rights: (kind of resource, name, LITERAL or PREFIXED, operation). They hold when this returns."""
        rows = [struct.pack(">b", kind) + wire.text(name) + struct.pack(">b", pattern) + wire.text(f"User:{user}") +
                wire.text("*") + struct.pack(">bb", operation, ALLOW) for kind, name, pattern, operation in rights]
        body = wire.ask(self.bootstrap, CREATE_ACLS, 1, wire.array(rows))
        body.take("i")
        errors = []
        for _ in range(body.take("i")):
            errors.append((body.take("h"), body.text()))
        if len(errors) != len(rights) or any(code for code, _ in errors):
            raise broker.BrokerError(f"CreateAcls: {errors}")
        broker.await_true(f"the rights of {user} hold", lambda: set(rights) <= self.rights_of(user), 30, 0.02)

    def rights_of(self, user):
        """As the node itself knows them, which hears of them from the controller."""
        no_text, any_of = struct.pack(">h", -1), b"\1"
        body = wire.ask(self.bootstrap, DESCRIBE_ACLS, 1, any_of + no_text + any_of + wire.text(f"User:{user}") + no_text +
                        any_of + any_of)
        body.take("ih")
        body.text()
        rights = set()
        for _ in range(body.take("i")):
            kind, name, pattern = body.take("b"), body.text(), body.take("b")
            for _ in range(body.take("i")):
                body.text()
                body.text()
                operation, _ = body.take("bb")
                rights.add((kind, name, pattern, operation))
        return rights

    def login(self, user="handover", mechanism="PLAIN", authority="ca"):
        """Properties of a client of `secure`, `clear` and `expired`; the password comes from a file, see password_file."""
        return {"security.protocol": "sasl_ssl", "sasl.mechanism": mechanism, "sasl.username": user,
                "ssl.ca.location": str(self.folder / f"{authority}.pem")}

    def certificate(self, name="handover", key="handover-key", authority="ca"):
        """Properties of a client of `mutual`."""
        return {"security.protocol": "ssl", "ssl.ca.location": str(self.folder / f"{authority}.pem"),
                "ssl.certificate.location": str(self.folder / f"{name}.pem"),
                "ssl.key.location": str(self.folder / f"{key}.pem")}

    def secret_file(self, name, secret, mode=0o400):
        path = self.folder / name
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
            file.write(secret + "\n")
        return str(path)
