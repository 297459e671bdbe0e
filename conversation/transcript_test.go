package conversation

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"intakebot/incident"
)

var update = flag.Bool("update", false, "rewrite the transcripts in testdata/dialog")

// TestTranscripts plays the person's lines of each transcript and compares
// what the bot says. «> [Label]» is a press, «> {…}» something else than text:
// {contact NUMBER}, {foreign NUMBER}, {photo CAPTION}, {photos COUNT}, one after
// the other, {texts COUNT}, {file NAME}, {voice}, {note}, {gif}, {album CAPTION}
// of two photos, {sticker}, {edit N TEXT} of the N-th message, {wait DURATION},
// {tick DURATION} for what each input takes,
// {letter sent NUMBER}; {take}, {ask TEXT}, {solve TEXT}, {relay TEXT}, {lapse}
// {return} is the desk about the last incident; {reply TEXT} answers a message
// about it, {quote QUOTED | TEXT} a part of it, {forward FROM | TEXT} brings
// another's words, {batch ONE | TWO} comes at once, {lost} is a loss of Redis.
// {ready} stands for consent given before, {filed} for an incident registered
// before, {filed COUNT} for several.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/dialog/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, string(want), *update)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("the dialogue changed (-want +got):\n%s", diff)
			}
		})
	}
}

// played is a line of the bot, which stands in every transcript but a new one.
var played = regexp.MustCompile(`(?m)^[^>#\n]`)

// play performs the person's lines. follow lets them follow a table of steps
// that changed since the transcript was written: what the person said to a
// question is said to that question, others are answered by their examples.
func play(t testing.TB, transcript string, follow bool) string {
	w := newWorld(t)
	follow = follow && played.MatchString(transcript)
	var b strings.Builder
	say := func(said string) {
		w.out = nil
		perform(w, strings.ReplaceAll(said, `\n`, "\n"))
		b.WriteString("\n> " + said + "\n\n")
		b.WriteString(strings.ReplaceAll(strings.Join(w.out, "\n...\n"), nbsp, " ") + "\n")
	}
	asked := "" // the label that was on the screen when the transcript was written
	for l := range strings.Lines(transcript) {
		l = strings.TrimRight(l, "\n")
		if strings.HasPrefix(l, "#") {
			b.WriteString(l + "\n")
		}
		said, ok := strings.CutPrefix(l, "> ")
		if !ok {
			if label, _, ok := strings.Cut(l, " — шаг "); ok {
				asked = label
			} else if strings.HasPrefix(l, "["+labelRegister) {
				asked = ""
			}
			continue
		}
		if follow && strings.HasPrefix(said, "[") && !w.shows(strings.Trim(said, "[]")) {
			continue
		}
		gone := asked != "" && !slices.ContainsFunc(Steps, func(s Step) bool { return s.Label == asked })
		if follow && gone && !strings.HasPrefix(said, "/") {
			continue // an answer to a question that is not asked any more
		}
		for range Steps {
			step, ok := StepAsked(w.question())
			if !follow || !ok || step.Label == asked {
				break
			}
			say(step.Example)
		}
		say(said)
	}
	return b.String()
}

// question is the last message of the chat that is a question, or the summary.
func (w *world) question() string {
	for _, m := range slices.Backward(w.said) {
		if _, ok := StepAsked(m); ok || strings.HasPrefix(m, plain(summaryHead)) {
			return m
		}
	}
	return ""
}

func perform(w *world, said string) {
	switch {
	case strings.HasPrefix(said, "["):
		w.press(strings.Trim(said, "[]"))
	case strings.HasPrefix(said, "/"):
		name, args, _ := strings.Cut(said[1:], " ")
		w.do(Command{Name: name, Args: args})
	case strings.HasPrefix(said, "{"):
		what, rest, _ := strings.Cut(strings.Trim(said, "{}"), " ")
		performOther(w, what, rest)
	default:
		w.say(said)
	}
}

func performOther(w *world, what, rest string) {
	album := ""
	file := func(a incident.Attachment, caption string) {
		w.messages++
		a.FileID += strconv.Itoa(w.messages)
		w.do(Media{MessageID: w.messages, Caption: caption, Attachment: a, Album: album})
	}
	switch what {
	case "contact", "foreign":
		w.messages++
		w.do(Contact{MessageID: w.messages, Phone: rest, Own: what == "contact"})
	case "photo":
		file(incident.Attachment{Kind: incident.Photo, FileID: "p"}, rest)
	case "photos", "texts":
		for range number(w, rest) {
			if what == "texts" {
				w.say("Ещё одна подробность")
				continue
			}
			file(incident.Attachment{Kind: incident.Photo, FileID: "p"}, "")
		}
	case "tick":
		d, err := time.ParseDuration(rest)
		if err != nil {
			w.t.Fatal(err)
		}
		w.tick = d
	case "file":
		file(incident.Attachment{Kind: incident.Document, FileID: "d", Name: rest}, "")
	case "voice":
		file(incident.Attachment{Kind: incident.Voice, FileID: "v"}, "")
	case "note":
		file(incident.Attachment{Kind: incident.VideoNote, FileID: "n"}, "")
	case "gif":
		file(incident.Attachment{Kind: incident.Animation, FileID: "g"}, "")
	case "album":
		album = "A"
		file(incident.Attachment{Kind: incident.Photo, FileID: "p"}, rest)
		first := w.out
		file(incident.Attachment{Kind: incident.Photo, FileID: "q"}, "")
		w.out = append(first, w.out...)
	case "quote", "forward":
		origin, words, _ := strings.Cut(rest, " | ")
		w.messages++
		e := Text{MessageID: w.messages, Text: words}
		if what == "quote" {
			e.Quote = origin
			w.about = w.reporter.Incidents[0].Number
		} else {
			e.ForwardedFrom = origin
		}
		w.do(e)
	case "batch":
		all := strings.Split(rest, " | ")
		var out []string
		for k, words := range all {
			w.more = k < len(all)-1
			w.say(words)
			out = append(out, w.out...)
		}
		w.out = out
	case "lost":
		w.state = State{}
	case "return":
		w.act(incident.Act{Number: w.reporter.Incidents[0].Number, Action: incident.Return, By: incident.ByDesk, Name: "Игорь", At: w.at})
		w.at = w.at.Add(time.Minute)
	case "sticker":
		w.do(Unsupported{})
	case "edit":
		n, text, _ := strings.Cut(rest, " ")
		w.do(Edited{MessageID: number(w, n), Text: text})
	case "wait":
		d, err := time.ParseDuration(rest)
		if err != nil {
			w.t.Fatal(err)
		}
		w.at = w.at.Add(d)
	case "ready":
		w.reporter.Consent.Version = w.d.ConsentVersion
	case "filed":
		w.reporter.Consent.Version = w.d.ConsentVersion
		if rest == "" {
			rest = "1"
		}
		for range number(w, rest) {
			w.reported()
		}
		w.out = nil
	case "remind":
		w.do(Remind{ExpiresAt: w.at.Add(2 * time.Hour)})
	case "take", "ask", "solve", "relay", "lapse":
		actions := map[string]incident.Action{"take": incident.Take, "ask": incident.Ask, "solve": incident.Solve,
			"relay": incident.Relay, "lapse": incident.Lapse}
		w.act(incident.Act{Number: w.reporter.Incidents[0].Number, Action: actions[what], By: incident.ByDesk, Name: "Игорь", Text: rest, At: w.at})
		w.at = w.at.Add(time.Minute)
	case "reply":
		w.about = w.reporter.Incidents[0].Number
		w.say(rest)
	case "letter":
		w.letterSent(incident.Number(strings.TrimPrefix(rest, "sent ")))
	case "consent":
		w.d.ConsentVersion = rest
	default:
		w.t.Fatalf("unknown action {%s}", what)
	}
}

func number(w *world, s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}
