// Package storage keeps what must not be forgotten.
//
// There are two stores, because two things are kept:
//
//   - The register is an SQLite database: incidents with their history, the
//     people who reported them, the inbox of Telegram's updates and the outbox
//     of what must arrive. Whatever was acknowledged with a number is in it.
//     Register writes it and reads it, Reader only reads it.
//   - Drafts is Redis: the live conversation of each chat, one key a chat, kept
//     for the time that an unfinished draft may rest.
//
// # Every write may be repeated
//
// A commit that failed may have happened all the same: the answer was lost, not
// the data. So no caller has to know which. Each write carries a name of its
// own (a draft's id, an addition's, an outbox key, a write token) and done
// twice has the effect of once; the second time it reports what the first one
// made. After any error other than a refusal the right thing is to do the same
// again, with the same name.
//
// # One writer, group commit
//
// SQLite has one writer at a time, and the price of a write is the fsync of its
// commit. One goroutine owns the writing connection: it takes all the jobs that
// wait, runs each in a savepoint of its own and commits them together. A job
// that fails or panics takes back only itself; the callers hear of success only
// after the commit. A caller whose context ends does not wait any longer, but
// its job may still run: what was given to a write must not be changed
// afterwards. Reads go through connections of their own, see a snapshot
// and never wait for the writer.
//
// # When the disk or the file fails
//
// A full disk (ErrDiskFull) and a lock that another program holds (ErrBusy)
// pass: nothing was written, the callers stay up, take nothing and repeat. Ping
// tries a write, so readiness says so meanwhile. An I/O error or a damaged file
// (incident.ErrBroken) does not pass by itself, and going on could spread it: the
// program ends with an error, and does not start again on a file in which
// Open, in a second's time, finds damage. That is for a person with a copy of
// the register. A full disk at the start ends the program too, because there is
// nothing to stay up for; its supervisor starts it again. A quota (EDQUOT) is an
// I/O error to SQLite and ends the program as well.
//
// # One process
//
// One process at a time writes: Open holds the lock that Lock takes. Readers,
// backups and exports work beside it.
//
// # Together or not at all
//
// A change and what must be told of it are one transaction: methods that change
// an incident take a Compose, which makes the messages and letters from the
// incident as it will be, and its rows go into the outbox with the change.
//
// # What is erased is gone
//
// Forget and Expire leave an anonymous row of each incident and nothing of its
// person. An erasure is a row of its own until nothing is left to do, so it
// survives restarts: ResumeErasure empties what comes to an end later (a letter that
// had to go first, a message on its way) and says what is still waited for, and
// Scrub leaves no older copy of a row in the files. It cleans them page by page
// between the writes of others.
package storage
