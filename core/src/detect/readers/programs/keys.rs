//! Keys, hashes of passwords, archives.

use super::What::{Pass, Url, Whole};
use super::{NONE, Program, Stdin, both, glued, next};

#[rustfmt::skip]
pub(super) const ROWS: &[Program] = &[
    Program {
        names: &["argon2"],
        stdin: Stdin::Secret,
        #[cfg(test)]
        examples: &[("echo -n s3cr8 | argon2 somesalt -id", "s3cr8")],
        #[cfg(test)]
        innocent: &["argon2 -h"],
        ..NONE
    },
    Program {
        names: &["mkpasswd"],
        options: &[next("-m", Url), next("-S", Url), next("-R", Url), next("--method", Url)],
        words: &["!"],
        stdin: Stdin::Secret,
        #[cfg(test)]
        examples: &[("mkpasswd -m sha-512 s3cr8", "s3cr8"), ("echo s3cr8 | mkpasswd -s", "s3cr8")],
        #[cfg(test)]
        innocent: &["mkpasswd -m help"],
        ..NONE
    },
    Program {
        names: &["keytool", "jarsigner"],
        options: &[next("-storepass", Whole), next("-keypass", Whole), next("-srcstorepass", Whole),
            next("-deststorepass", Whole), next("-srckeypass", Whole), next("-destkeypass", Whole),
            next("-new", Whole)],
        #[cfg(test)]
        examples: &[("keytool -importcert -noprompt -storepass s3cr8 -alias ca", "s3cr8")],
        #[cfg(test)]
        innocent: &["keytool -list -keystore /etc/a.jks", "keytool -list -storepass:file /run/pw"],
        ..NONE
    },
    Program {
        names: &["openssl"],
        options: &[next("-passin", Pass), next("-passout", Pass), next("-pass", Pass),
            next("-password", Pass), next("-k", Whole), next("-K", Whole), next("-hmac", Whole),
            next("-macopt", Pass)],
        words: &["passwd !"],
        stdin: Stdin::Dialogue,
        #[cfg(test)]
        examples: &[("openssl pkcs12 -in k.p12 -passin pass:s3cr8 -out k.pem", "s3cr8"),
            ("openssl enc -d -aes-256-cbc -k s3cr8 -in x", "s3cr8"),
            ("openssl s_client -connect mail:465 <<EOF\nEHLO x\nAUTH LOGIN\nYm90\ns3cr8s3cr8\nQUIT\nEOF", "s3cr8s3cr8")],
        #[cfg(test)]
        innocent: &["openssl x509 -in a.pem -noout", "openssl rsa -passin env:PW -in a.pem",
            "openssl rsa -passin file:/run/pw"],
        ..NONE
    },
    Program {
        names: &["oathtool"],
        words: &["!"],
        #[cfg(test)]
        examples: &[("oathtool --totp -b JBSWY3DPEHPK3PXP", "JBSWY3DPEHPK3PXP")],
        #[cfg(test)]
        innocent: &["oathtool --version"],
        ..NONE
    },
    Program {
        names: &["ssh-keygen"],
        options: &[next("-N", Whole), next("-P", Whole)],
        #[cfg(test)]
        examples: &[("ssh-keygen -t rsa -N s3cr8 -f id", "s3cr8")],
        #[cfg(test)]
        innocent: &["ssh-keygen -t ed25519 -N '' -f id"],
        ..NONE
    },
    Program {
        names: &["slappasswd"],
        options: &[next("-s", Whole)],
        #[cfg(test)]
        examples: &[("slappasswd -s s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["slappasswd -h '{SSHA}'"],
        ..NONE
    },
    Program {
        names: &["pk12util"],
        options: &[next("-W", Whole), next("-K", Whole)],
        #[cfg(test)]
        examples: &[("pk12util -i a.p12 -W s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["pk12util -l a.p12"],
        ..NONE
    },
    Program {
        names: &["pkcs11-tool", "softhsm2-util", "pkcs15-init", "p11tool", "yubico-piv-tool", "ykman", "pkcs15-tool"],
        options: &[next("--pin", Whole), next("--so-pin", Whole), next("--new-pin", Whole), next("--puk", Whole)],
        #[cfg(test)]
        examples: &[("pkcs11-tool --login --pin 4471 -O", "4471")],
        #[cfg(test)]
        innocent: &["pkcs11-tool -L"],
        ..NONE
    },
    Program {
        names: &["base64", "b64encode"],
        stdin: Stdin::Pair,
        #[cfg(test)]
        examples: &[("echo -n ops:s3cr8 | base64 -w0", "s3cr8")],
        #[cfg(test)]
        innocent: &["echo hello | base64", "echo http://x.example:80 | base64", "base64 -d a"],
        ..NONE
    },
    Program {
        names: &["ccrypt"],
        options: &[next("-K", Whole)],
        #[cfg(test)]
        examples: &[("ccrypt -K s3cr8 a.txt", "s3cr8")],
        #[cfg(test)]
        innocent: &["ccrypt -e a.txt"],
        ..NONE
    },
    Program {
        names: &["7z", "7za", "7zz", "7zr", "rar", "unrar"],
        options: &[glued("-p"), glued("-hp")],
        #[cfg(test)]
        examples: &[("7z a -ps3cr8 out.7z /data", "s3cr8")],
        #[cfg(test)]
        innocent: &["7z x in.7z -o/data"],
        ..NONE
    },
    Program {
        names: &["zip", "unzip", "zipcloak"],
        options: &[both("-P", Whole)],
        #[cfg(test)]
        examples: &[("zip -r -P s3cr8 out.zip /data", "s3cr8")],
        #[cfg(test)]
        innocent: &["zip -r out.zip /data"],
        ..NONE
    },
    Program {
        names: &["realm", "op", "pass", "bw"],
        words: &["unlock !", "login * !"],
        stdin: Stdin::With(&["join", "signin", "insert"]),
        #[cfg(test)]
        examples: &[("echo s3cr8 | realm join -U admin x.example", "s3cr8"), ("bw unlock s3cr8 --raw", "s3cr8"),
            ("echo s3cr8 | pass insert -e db/till", "s3cr8")],
        #[cfg(test)]
        innocent: &["pass show db/till", "realm list"],
        ..NONE
    },
    Program {
        names: &["wpa_passphrase"],
        words: &["* !"],
        #[cfg(test)]
        examples: &[("wpa_passphrase shop s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["wpa_passphrase shop"],
        ..NONE
    },
    Program {
        names: &["vncpasswd"],
        stdin: Stdin::Secret,
        #[cfg(test)]
        examples: &[("echo s3cr8 | vncpasswd -f", "s3cr8")],
        #[cfg(test)]
        innocent: &["vncpasswd -h"],
        ..NONE
    },
    Program {
        names: &["keepassxc-cli", "lpass", "saslpasswd2", "pure-pw", "pureftpd"],
        stdin: Stdin::Secret,
        #[cfg(test)]
        examples: &[("keepassxc-cli open x.kdbx <<< s3cr8", "s3cr8"), ("echo s3cr8 | saslpasswd2 -p -c u", "s3cr8")],
        #[cfg(test)]
        innocent: &["lpass ls", "keepassxc-cli ls x.kdbx < /run/pw"],
        ..NONE
    },
    Program {
        names: &["borg", "restic"],
        stdin: Stdin::With(&["init", "key"]),
        #[cfg(test)]
        examples: &[("borg init --encryption=repokey r <<< s3cr8", "s3cr8"), ("restic -r x --password-command 'echo s3cr8' backup", "s3cr8")],
        #[cfg(test)]
        innocent: &["echo x | borg create r::a -", "restic snapshots"],
        ..NONE
    },
    Program {
        names: &["pdftk"],
        words: &["?*"],
        #[cfg(test)]
        examples: &[("pdftk a.pdf input_pw s3cr8 output b.pdf", "s3cr8")],
        #[cfg(test)]
        innocent: &["pdftk a.pdf output b.pdf"],
        ..NONE
    },
    Program {
        names: &["certutil"],
        options: &[next("-p", Whole)],
        #[cfg(test)]
        examples: &[("certutil -p s3cr8 -importpfx x.pfx", "s3cr8")],
        #[cfg(test)]
        innocent: &["certutil -L -d db"],
        ..NONE
    },
    Program {
        names: &["signtool"],
        options: &[next("/p", Whole)],
        #[cfg(test)]
        examples: &[("signtool sign /f x.pfx /p s3cr8 a.exe", "s3cr8")],
        #[cfg(test)]
        innocent: &["signtool verify a.exe"],
        ..NONE
    },
    Program {
        names: &["veracrypt", "truecrypt"],
        options: &[both("-p", Whole)],
        #[cfg(test)]
        examples: &[("veracrypt -t -p s3cr8 x.hc", "s3cr8")],
        #[cfg(test)]
        innocent: &["veracrypt -d x.hc"],
        ..NONE
    },
    Program {
        names: &["bcrypt-tool"],
        words: &["hash !"],
        #[cfg(test)]
        examples: &[("bcrypt-tool hash s3cr8 10", "s3cr8")],
        #[cfg(test)]
        innocent: &["bcrypt-tool cost x"],
        ..NONE
    },
    Program {
        names: &["gocryptfs"],
        #[cfg(test)]
        examples: &[("gocryptfs -extpass 'echo s3cr8' a b", "s3cr8")],
        #[cfg(test)]
        innocent: &["gocryptfs a b"],
        ..NONE
    },
    Program {
        names: &["security", "altool", "xcrun"],
        options: &[next("-p", Whole), next("-w", Whole)],
        #[cfg(test)]
        examples: &[("security unlock-keychain -p s3cr8 x.keychain", "s3cr8"), ("xcrun altool --notarize-app -u u -p s3cr8", "s3cr8"), ("security add-generic-password -a u -w s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["security list-keychains", "xcrun altool -u u -p @keychain:AC"],
        ..NONE
    },
];
