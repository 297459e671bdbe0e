// Package outbox names what stands in the register's two queues: updates that
// came in and are to be worked on, and messages and letters that must arrive.
//
// A Message is put there in the transaction of the change that it tells of.
// Whoever sends it claims it, tries, and records what became of it: it was
// sent, waits for its next attempt (PauseAfter), or will never arrive and why
// (Failure). Package storage keeps the queues; packages bot and mailer empty
// them. This package is pure: types, and the rules that need no store.
package outbox
