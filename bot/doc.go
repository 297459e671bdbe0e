// Package bot is the Telegram side of the program: it makes the parts and runs
// their loops.
//
//	Telegram ──updates──▶ inbox (SQLite) ──▶ confirmed
//	                        │
//	                        ▼ worker of the chat, strictly in order
//	   reporter:  load draft (Redis) ─▶ Next (pure) ─▶ one SQLite transaction
//	                                               ─▶ save draft (Redis, compare-and-set)
//	                                               ─▶ reply, or the outbox
//	                                               ─▶ inbox row done
//	   desk:      the same without a draft; all that it says goes to the outbox
//
// What must arrive goes through the outbox, written in the transaction that
// makes it true (package notify says what), and is carried by the courier
// (package delivery). Cards and bulletins are not queued but reconciled with
// what the register holds (package desk). Every send goes through
// telegram.Client.Deliver, which keeps Telegram's limits.
package bot
