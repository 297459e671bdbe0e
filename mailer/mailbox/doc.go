// Package mailbox brings letters back: it watches a folder of an IMAP server,
// keeps every letter in the store before it leaves the folder, and says what a
// letter is.
//
// A letter goes through four steps, each safe to repeat: its bytes are stored
// (Store.ReceiveMail), it is moved to the folder of what is done, somebody works
// on it, and its bytes are wiped. A crash between two steps repeats the second
// one: a letter is known by its folder, UIDVALIDITY and UID, and, when the
// server numbers its folder anew, by its Message-ID and the hash of its bytes.
//
// Box is the part that talks to the server. Everything else is pure: Read makes
// a Letter of bytes, Letter.Classify says what it is and which incident it may be
// about, Senders.Judge whether its sender may write, Trim what of its text is
// new.
package mailbox
