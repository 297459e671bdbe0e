// Package bot speaks with Telegram: updates in, messages out, one lane per
// chat.
//
//	Telegram ──updates──▶ inbox (SQLite) ──▶ confirmed
//	                        │
//	                        ▼ lane of the chat, strictly in order
//	              load draft (Redis) ─▶ Next (pure) ─▶ one SQLite transaction
//	                                               ─▶ save draft (Redis, compare-and-set)
//	                                               ─▶ reply, or the outbox
//	                                               ─▶ inbox row done
//
// Updates are at-least-once: the poller and the webhook store raw updates
// before they confirm them, and the lanes work from the table. The library's
// own loops confirm first, so they are not used. An update that was applied
// and not marked done is answered again from the saved conversation, see
// envelope.
//
// One process takes a bot's updates. Another one with the same token and a
// register of its own finds that out before it takes or says anything, and
// waits, see contest.go.
//
// What must arrive goes through the outbox, written in the transaction that
// makes it true, and is carried by the courier. A reply to a person is sent at
// once by the lane; when Telegram will not take it, it goes to the outbox too.
// Of the group's messages two kinds are not queued but reconciled with what the
// register holds: cards, of which the card keeper edits those whose version
// differs, and bulletins, which tell of a state of affairs as long as it lasts.
// The parts of an album are rows of their own that wait for one another and are
// carried together. Every send waits for the pace, which keeps Telegram's limits.
//
// While Redis or the register does not work, updates wait where they are: in the
// inbox, or at Telegram when they cannot be stored. People are told once, one
// goroutine asks the stores, and all go on together, see stores and untaken.
package bot
