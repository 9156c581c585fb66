//! The bank's day, from the first line to the last.

use std::process::Command;

#[test]
fn the_bank_s_day_goes_as_it_always_does() {
    let output = Command::new(env!("CARGO_BIN_EXE_bank")).output().expect("bank starts");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stdout}{stderr}");
    assert_eq!(stdout, TRANSCRIPT, "{stderr}");
    // Only the one that is meant to.
    assert_eq!(stderr.matches("panicked at").count(), 1, "{stderr}");
}

const TRANSCRIPT: &str = "\
--- opening ---
teller/1: at the counter
teller/2: at the counter
2 tellers
alice begins with 10000
bob begins with 500
--- transfers, to whichever teller's turn it is ---
alice -> bob, 2500: done by teller/1, 7500 left
bob -> alice, 100: done by teller/2, 2900 left
bob -> alice, 9000: 9000 wanted, 2900 there
alice -> nobody, 1: nobody has no account
--- a teller falls over; those in the queue wait for the next life ---
teller/1: at the counter
alice -> bob, 10: done by teller/1, 7590 left
alice -> bob, 0: handler panicked (delivery: Handled)
alice -> bob, 20: done by teller/1, 7570 left
restart 1 of teller/1, which panicked: alice wants to move nothing
served before: 2, since the restart: 1
--- an audit, for which the auditor comes late ---
no reply within 50ms (delivery: Maybe)
1 audit done for somebody who still waits: 2630 moved
--- two months pass ---
alice has 6970 left
--- alice's statement ---
+10000 from cash: 10000
-2500 to bob: 7500
+100 from bob: 7600
-10 to bob: 7590
-20 to bob: 7570
-300 monthly fee: 7270
-300 monthly fee: 6970
--- closing ---
teller/1: stopped
teller/2: stopped
bob -> alice, 1: done by teller/2, 2929 left
bob -> alice, 1: actor has stopped (delivery: Never)
ledger: stopped with 5 entries
branch: ledger is over (stopped), so we close
branch: stopped
alice ends with 6971
bob ends with 2929
actors left: 0
";
