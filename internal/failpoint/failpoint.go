// Package failpoint names the moments at which a crash could do harm, so that a
// test can have the program killed at exactly these.
//
// A program built with -tags failpoint and started with FAILPOINT=name:n kills
// itself at the n-th pass of that point, as kill -9 does: nothing is closed, no
// deferred function runs. In any other build Pass is empty and the linker leaves
// nothing of this package.
package failpoint

// Point is such a moment.
type Point string

// The points: both sides of whatever leaves a trace outside the process. Before
// means that there is no trace yet, after that there is and that the process
// has drawn no conclusion from it.
const (
	BeforeBackup  Point = "before-backup"  // a complete copy gets its name
	BeforeRestore Point = "before-restore" // a copy takes the place of the database
	BeforeSchema  Point = "before-schema"  // the commit that creates or migrates the database
	AfterSchema   Point = "after-schema"
	BeforeMove    Point = "before-move"   // a letter is stored, and the mailbox does not know it
	BeforeCommit  Point = "before-commit" // every other commit of the database
	AfterCommit   Point = "after-commit"
	BeforeDraft   Point = "before-draft" // the script that saves a conversation in Redis
	AfterDraft    Point = "after-draft"
	Fetched       Point = "fetched"        // updates came and are not stored
	Stored        Point = "stored"         // they are, and Telegram does not know it
	BeforeRequest Point = "before-request" // every request to Telegram but those for updates and files
	AfterRequest  Point = "after-request"
	BeforeLetter  Point = "before-letter" // the command DATA
	AfterLetter   Point = "after-letter"  // the answer to the final dot
)

// Points are all of them.
var Points = []Point{
	BeforeBackup, BeforeRestore, BeforeSchema, AfterSchema, BeforeMove, BeforeCommit, AfterCommit, BeforeDraft, AfterDraft,
	Fetched, Stored, BeforeRequest, AfterRequest, BeforeLetter, AfterLetter,
}
