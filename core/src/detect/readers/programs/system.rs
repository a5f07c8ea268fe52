//! Accounts of a machine, directories, shells; Windows.

use super::What::{AfterPercent, Whole};
use super::{NONE, Program, Stdin, both, glued, next};

#[rustfmt::skip]
pub(super) const ROWS: &[Program] = &[
    Program {
        names: &["setx"],
        words: &["?*"],
        #[cfg(test)]
        examples: &[("setx DB_PASSWORD s3cr8 /M", "s3cr8")],
        #[cfg(test)]
        innocent: &["setx REGION eu-1 /M"],
        ..NONE
    },
    Program {
        names: &["sshpass"],
        options: &[both("-p", Whole)],
        #[cfg(test)]
        examples: &[("sshpass -p 's3cr8' scp a deploy@10.1.2.3:/srv", "s3cr8"),
            ("sshpass -ps3cr8 ssh x", "s3cr8")],
        #[cfg(test)]
        innocent: &["sshpass -e ssh x", "sshpass -f /run/pw ssh -p 22 x"],
        ..NONE
    },
    Program {
        names: &["chpasswd"],
        stdin: Stdin::Pairs,
        #[cfg(test)]
        examples: &[("echo 'root:s3cr8' | chpasswd", "s3cr8"), ("printf 'app:%s\\n' s3cr8 | chpasswd", "s3cr8"), ("echo root:s3cr8|chpasswd", "s3cr8"),
            ("chpasswd <<< 'root:s3cr8'", "s3cr8")],
        #[cfg(test)]
        innocent: &["echo 'root:$PW' | chpasswd", "chpasswd < /run/users"],
        ..NONE
    },
    Program {
        names: &["su", "passwd", "smbpasswd", "kinit", "cryptsetup", "ecryptfs-add-passphrase"],
        stdin: Stdin::Secret,
        #[cfg(test)]
        examples: &[("printf '%s\\n%s\\n' s3cr8 s3cr8 | passwd app", "s3cr8"),
            ("echo \"s3cr8\" | kinit admin", "s3cr8"), ("kinit admin <<< s3cr8", "s3cr8"),
            ("yes s3cr8 | head -2 | passwd root", "s3cr8")],
        #[cfg(test)]
        innocent: &["passwd -l app", "echo $PW | passwd --stdin app"],
        ..NONE
    },
    Program {
        names: &["sudo", "gpg", "gpg2", "age"],
        stdin: Stdin::With(&["-S", "--passphrase-fd", "--stdin"]),
        #[cfg(test)]
        examples: &[("echo s3cr8 | sudo -S apt update", "s3cr8"),
            ("echo s3cr8 | gpg --batch --passphrase-fd 0 -d a.gpg", "s3cr8"), ("sudo -kS id <<< s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["echo hello | sudo -u app tee x", "sudo ls -la", "echo vm.x=1 | sudo tee /etc/sysctl.d/a.conf"],
        ..NONE
    },
    Program {
        names: &["useradd", "usermod"],
        options: &[next("-p", Whole), next("--password", Whole)],
        #[cfg(test)]
        examples: &[("useradd -m -p s3cr8hash jane", "s3cr8hash")],
        #[cfg(test)]
        innocent: &["useradd -m jane"],
        ..NONE
    },
    Program {
        names: &["ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldapwhoami", "ldapmodrdn",
            "ldapcompare", "ldapexop", "dsconf"],
        options: &[both("-w", Whole)],
        #[cfg(test)]
        examples: &[("ldapadd -x -D cn=admin,dc=x -w s3cr8 -f a.ldif", "s3cr8"),
            ("ldapsearch -x -ws3cr8 -b dc=x", "s3cr8")],
        #[cfg(test)]
        innocent: &["ldapsearch -x -W -b dc=x", "ldapsearch -x -s sub -b dc=x"],
        ..NONE
    },
    Program {
        names: &["ldappasswd"],
        options: &[both("-w", Whole), next("-s", Whole), next("-a", Whole)],
        #[cfg(test)]
        examples: &[("ldappasswd -x -D cn=admin -s s3cr8 uid=jane", "s3cr8")],
        #[cfg(test)]
        innocent: &["ldappasswd -x -S uid=jane"],
        ..NONE
    },
    Program {
        names: &["ipa"],
        options: &[both("-w", Whole)],
        stdin: Stdin::With(&["--password"]),
        #[cfg(test)]
        examples: &[("echo s3cr8 | ipa user-add ana --first A --password", "s3cr8")],
        #[cfg(test)]
        innocent: &["ipa user-find ana"],
        ..NONE
    },
    Program {
        names: &["sed", "gsed", "perl"],
        words: &["s*"],
        #[cfg(test)]
        examples: &[("sed -i s/CHANGEME_PASSWORD/s3cr8/ /etc/a", "s3cr8"),
            ("sed -e 's|@TOKEN@|s3cr8|g' a", "s3cr8")],
        #[cfg(test)]
        innocent: &["sed -i s/OLD_HOST/new-host/ a", "sed s/PASSWORD_OLD/PASSWORD_NEW/ a", "sed s/PASSWORD/$PW/ a"],
        ..NONE
    },
    Program {
        names: &["gitea", "forgejo"],
        after: &["change-password"],
        options: &[next("-p", Whole)],
        #[cfg(test)]
        examples: &[("gitea admin user change-password -u bob -p s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["gitea web -p 3000"],
        ..NONE
    },
    Program {
        names: &["read"],
        stdin: Stdin::Named(&["-s"]),
        #[cfg(test)]
        examples: &[("read -rs X <<< s3cr8", "s3cr8"), ("read DB_PASSWORD <<< s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["read -r line <<< s3cr8", "read -p 'Name: ' NAME"],
        ..NONE
    },
    Program {
        names: &["winexe", "smbclient", "rpcclient", "smbget", "wmic", "smbcacls", "smbtree"],
        options: &[both("-U", AfterPercent), next("--user", AfterPercent)],
        #[cfg(test)]
        examples: &[("smbclient //nas/x -U 'ops%s3cr8'", "s3cr8")],
        #[cfg(test)]
        innocent: &["smbclient //nas/x -U ops"],
        ..NONE
    },
    Program {
        names: &["net"],
        options: &[both("-U", AfterPercent)],
        words: &["use * !~", "use * * !~", "use * * * !~", "user * !~", "rpc user add * !~", "rpc password * !~"],
        #[cfg(test)]
        examples: &[("net use Z: srv /user:a S3cr8", "S3cr8"), ("net user app S3cr8 /add", "S3cr8")],
        #[cfg(test)]
        innocent: &["net use Z: srv", "net user app /delete", "net start w32time"],
        ..NONE
    },
    Program {
        names: &["psexec", "psexec64", "PsExec", "PsExec64", "psExec", "PSEXEC"],
        options: &[next("-p", Whole)],
        #[cfg(test)]
        examples: &[("PsExec.exe HOST -u ops -p s3cr8 cmd", "s3cr8")],
        #[cfg(test)]
        innocent: &["psexec HOST cmd /c dir", "psexec HOST -u ops -p %PW% cmd"],
        ..NONE
    },
    Program {
        names: &["xfreerdp", "xfreerdp3", "wfreerdp", "winrs", "wecutil", "schtasks", "msdeploy", "vmconnect"],
        options: &[glued("/p:"), glued("-p:"), glued("/gp:"), next("/p", Whole), next("/rp", Whole)],
        #[cfg(test)]
        examples: &[("xfreerdp /u:a /p:s3cr8 /v:h", "s3cr8"), ("winrs -r:h -u:a -p:s3cr8 dir", "s3cr8"),
            ("schtasks /create /u a /rp s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["xfreerdp /u:a /v:h", "winrs -r:h dir", "schtasks /query"],
        ..NONE
    },
    Program {
        names: &["ConvertTo-SecureString", "ConvertTo-SecureString.exe"],
        options: &[next("-String", Whole)],
        words: &["!"],
        #[cfg(test)]
        examples: &[("ConvertTo-SecureString 's3cr8' -AsPlainText -Force", "s3cr8")],
        #[cfg(test)]
        innocent: &["ConvertTo-SecureString $password -AsPlainText"],
        ..NONE
    },
    Program {
        names: &["plink", "pscp", "psftp", "putty"],
        options: &[next("-pw", Whole)],
        #[cfg(test)]
        examples: &[("plink -ssh ops@sw1 -pw s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["plink -P 22 -ssh ops@sw1"],
        ..NONE
    },
    Program {
        names: &["kadmin", "kadmin.local"],
        options: &[next("-w", Whole), next("-pw", Whole)],
        stdin: Stdin::Secret,
        #[cfg(test)]
        examples: &[("kadmin -p admin -w s3cr8 listprincs", "s3cr8"), ("kadmin.local addprinc -pw s3cr8 ana", "s3cr8"), ("echo s3cr8 | kadmin -p admin", "s3cr8")],
        #[cfg(test)]
        innocent: &["kadmin.local -q listprincs"],
        ..NONE
    },
    Program {
        names: &["kdb5_util"],
        options: &[next("-P", Whole)],
        #[cfg(test)]
        examples: &[("kdb5_util create -s -P s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["kdb5_util dump a"],
        ..NONE
    },
    Program {
        names: &["samba-tool"],
        words: &["user create * !~", "user add * !~"],
        #[cfg(test)]
        examples: &[("samba-tool user create ana S3cr8x", "S3cr8x")],
        #[cfg(test)]
        innocent: &["samba-tool user list", "samba-tool user create ana --random-password"],
        ..NONE
    },
];
