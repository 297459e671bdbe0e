// Package mailer writes the two letters of the regulation, and one that ends the
// thread of the second, and gets them to a mail server.
//
// It has three parts, in the order in which a letter meets them.
//
// Letters turns an incident into finished bytes: SupportCopy tells technical
// support of a registered incident (point 3 of the regulation: e-mail is the
// main channel), Escalation asks the second line for help (point 6), Closing tells it
// that help is not needed any more. All are pure: the same incident, and for
// Escalation the same files, give the same bytes, Message-ID, date and boundary
// included, so that a letter sent twice is recognised as one letter. What a
// letter says is in support.go, escalation.go and closing.go; how it is laid
// out is in page.go (plain text) and letters/page.html.tmpl (HTML); which files
// go with it is in files.go, and how in attach.go.
//
// SMTP carries those bytes to a relay, unchanged, and returns a Verdict. session.go
// has its stages, wire.go commands and replies, auth.go and dsn.go the two that
// need more; Inspect goes the same way without a letter, and Explain has the cause
// in Russian when it is a certificate or what the server offers. The
// verdict follows from the stage of the protocol (RFC 5321) at which the
// attempt ended, not from the wording of an error: the same «550» is the
// letter's fault after RCPT and the fault of our settings after AUTH.
//
// Worker takes letters out of the register's outbox, delivers them and writes
// down what became of each: tried again later, accepted, or refused for good.
// A letter may be sent twice after a crash, it is never lost.
package mailer
