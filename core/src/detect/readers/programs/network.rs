//! Devices, and what attackers run.

use super::What::{AfterColon, Name, Whole};
use super::{NONE, Program, Stdin, both, next};

#[rustfmt::skip]
pub(super) const ROWS: &[Program] = &[
    Program {
        names: &["secretsdump.py", "psexec.py", "wmiexec.py", "smbexec.py", "atexec.py", "dcomexec.py",
            "GetUserSPNs.py", "GetNPUsers.py", "mssqlclient.py", "smbclient.py", "lookupsid.py", "samrdump.py",
            "getTGT.py", "getST.py", "impacket-secretsdump", "impacket-wmiexec", "impacket-smbexec"],
        options: &[next("-hashes", Whole), next("-H", Whole)],
        words: &["!:@", "* !:@"],
        #[cfg(test)]
        examples: &[("secretsdump.py 'dom/ana:s3cr8@10.0.0.9'", "s3cr8"), ("psexec.py -hashes s3cr8:s3cr8 a@h", "s3cr8:s3cr8")],
        #[cfg(test)]
        innocent: &["secretsdump.py -no-pass dom/ana@10.0.0.9"],
        ..NONE
    },
    Program {
        names: &["hydra", "medusa", "rdesktop"],
        options: &[both("-p", Whole)],
        #[cfg(test)]
        examples: &[("hydra -l ana -p s3cr8 ssh://h", "s3cr8"), ("rdesktop -u ana -p s3cr8 h", "s3cr8")],
        #[cfg(test)]
        innocent: &["hydra -L users.txt -P words.txt ssh://h", "rdesktop h"],
        ..NONE
    },
    Program {
        names: &["kerbrute"],
        words: &["passwordspray * !"],
        #[cfg(test)]
        examples: &[("kerbrute passwordspray users.txt s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["kerbrute userenum users.txt"],
        ..NONE
    },
    Program {
        names: &["ipmitool", "mosquitto_pub", "mosquitto_sub", "mosquitto_rr", "impacket-psexec"],
        options: &[both("-P", Whole), both("-pw", Whole)],
        #[cfg(test)]
        examples: &[("ipmitool -I lanplus -H bmc -U admin -P s3cr8 power status", "s3cr8"),
            ("mosquitto_pub -h mq -u app -P s3cr8 -t a -m b", "s3cr8")],
        #[cfg(test)]
        innocent: &["mosquitto_sub -h mq -p 1883 -t a"],
        ..NONE
    },
    Program {
        names: &["snmpwalk", "snmpget", "snmpset", "snmpbulkwalk", "snmptrap"],
        options: &[next("-c", Whole), next("-A", Whole), next("-X", Whole)],
        #[cfg(test)]
        examples: &[("snmpwalk -v3 -u ops -A s3cr8auth -l authPriv sw1", "s3cr8auth")],
        #[cfg(test)]
        innocent: &["snmpwalk -v3 sw1"],
        ..NONE
    },
    Program {
        names: &["racadm"],
        options: &[next("-p", Whole)],
        #[cfg(test)]
        examples: &[("racadm -r h -u root -p s3cr8 getsysinfo", "s3cr8")],
        #[cfg(test)]
        innocent: &["racadm getsysinfo"],
        ..NONE
    },
    Program {
        names: &["iscsiadm"],
        options: &[next("-n", Name), next("--name", Name)],
        #[cfg(test)]
        examples: &[("iscsiadm -m node -n node.session.auth.password -v s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["iscsiadm -m node -n node.startup -v automatic"],
        ..NONE
    },
    Program {
        names: &["nsupdate", "dig"],
        options: &[next("-y", AfterColon)],
        #[cfg(test)]
        examples: &[("dig -y k:s3cr8 @h x axfr", "s3cr8")],
        #[cfg(test)]
        innocent: &["dig @h x axfr"],
        ..NONE
    },
    Program {
        names: &["radtest"],
        words: &["* !", "* * * * !"],
        #[cfg(test)]
        examples: &[("radtest bob s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["radtest"],
        ..NONE
    },
    Program {
        names: &["radclient"],
        words: &["* auth !", "* acct !"],
        #[cfg(test)]
        examples: &[("radclient h auth s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["radclient h status"],
        ..NONE
    },
    Program {
        names: &["smbmap"],
        options: &[both("-p", Whole)],
        #[cfg(test)]
        examples: &[("smbmap -H h -u a -p s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["smbmap -H h -u a"],
        ..NONE
    },
    Program {
        names: &["nc", "ncat", "netcat", "telnet", "socat", "ftp", "tnftp", "ktutil"],
        stdin: Stdin::Dialogue,
        #[cfg(test)]
        examples: &[("printf 'USER bot\\r\\nPASS s3cr8\\r\\n' | nc pop 110", "s3cr8"),
            ("echo AUTH s3cr8 | nc redis 6379", "s3cr8"), ("ftp -n h <<EOF\nuser deploy s3cr8\nquit\nEOF", "s3cr8"),
            ("printf 'AUTH bot s3cr8\\r\\n' | nc -w1 host 1234", "s3cr8"),
            ("nc mq 1234 <<< 'AUTH s3cr8'", "s3cr8")],
        #[cfg(test)]
        innocent: &["nc -zv db 5432", "echo ruok | nc zk 2181", "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc h 80"],
        ..NONE
    },
];
