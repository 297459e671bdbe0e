// Package conversation is the dialogue: what the bot asks, what it accepts and
// every Russian sentence that a reporter reads.
//
// It is a pure machine. Next takes the state of one private chat and one
// input, and returns the new state and the effects that its caller must carry
// out:
//
//	state, effects := dialogue.Next(state, input)
//
// Time, fresh identifiers and what the register knows of the person arrive as
// values in the Input, so the same input always gives the same answer. There
// is no clock, no randomness, no input or output and no logging here.
//
// The report is a table, Steps: to ask for one more thing is to add a row. The
// current step is computed (the first without an acceptable answer, see
// Draft.current) and never stored, so no impossible combination can be kept,
// and a release that tightens a check simply asks again. Escalating an
// incident and adding to one are dialogues of the same machine.
//
// People write as they speak: a word means the button on the screen (words.go),
// an answer comes in pieces or several come at once (oneline.go), a telephone
// stands in the midst of a sentence (phone.go), free text asks where it belongs
// (offer.go). What was written is never dropped in silence.
//
// A complaint about an input is a value for the person, not an error: errors
// are for operators, complaints for people.
//
// testdata/dialog holds transcripts that a non-programmer can read; they are
// the specification. «go test ./conversation -update» rewrites them, and their
// diff is the review.
package conversation
