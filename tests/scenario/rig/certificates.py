"""A certificate authority of the test's own, by openssl; what only a JVM writes, by keytool."""
import pathlib
import subprocess

PASSWORD = "store-secret"
NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"


class Authority:
    """ca.pem, and for each name that was issued NAME.pem (certificate and key), NAME.key, NAME.crt, NAME.p12."""

    def __init__(self, folder, name="authority"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ca = self.folder / "ca.pem"
        self._openssl("req", "-x509", *self._new_key("ca.key"), "-days", "2", "-subj", f"/CN={name}", "-out", self.ca)

    def _openssl(self, *arguments):
        done = subprocess.run(["openssl", *map(str, arguments)], cwd=self.folder, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=60)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"

    @staticmethod
    def _new_key(name):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", name]

    def issue(self, name, days=2):
        self._openssl("req", "-new", *self._new_key(f"{name}.key"), "-subj", f"/CN={name}", "-out", f"{name}.csr")
        (self.folder / f"{name}.ext").write_text(NAMES)
        self._openssl("x509", "-req", "-in", f"{name}.csr", "-CA", self.ca, "-CAkey", "ca.key", "-CAcreateserial", "-days", days,
                      "-extfile", f"{name}.ext", "-out", f"{name}.crt")
        both = self.folder / f"{name}.pem"
        both.write_text((self.folder / f"{name}.key").read_text() + (self.folder / f"{name}.crt").read_text())
        self._openssl("pkcs12", "-export", "-in", both, "-certfile", self.ca, "-name", name, "-out", f"{name}.p12",
                      "-passout", f"pass:{PASSWORD}")
        return both

    def store(self, kind):
        """The authority's certificate as a truststore: PKCS12 or JKS, as Java's tool makes it."""
        path = self.folder / f"trust.{kind.lower()}"
        if not path.exists():
            subprocess.run(["keytool", "-importcert", "-noprompt", "-alias", "ca", "-file", self.ca, "-keystore", path,
                            "-storetype", kind, "-storepass", PASSWORD], check=True, capture_output=True, timeout=60)
        return path
