package incident

// File is an attachment on its way into a letter: its bytes, or why the letter
// goes without them.
type File struct {
	Attachment
	Data    []byte
	LeftOut LeftOut
}

// LeftOut says why a file does not stand in a letter.
type LeftOut string

// The reasons.
const (
	NotLeftOut LeftOut = ""          // it is there
	NoRoom     LeftOut = "room"      // it does not fit beside those before it
	TooLarge   LeftOut = "too large" // Telegram does not give it to bots
	NotFetched LeftOut = "fetch"     // Telegram did not give it in time
)

// FetchMost is the size in bytes of the largest file that Telegram gives to
// bots (Bot API, getFile).
const FetchMost = 20 << 20
