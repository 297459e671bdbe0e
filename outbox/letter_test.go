package outbox

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var letter = Letter{
	Kind: EscalationLetter, Seq: 2, Reporter: 7, From: "a@b.example", To: "c@d.example", MessageID: "26-00001-0.2@b.example",
	Text: "Строка.\nЕщё одна.\n", Raw: []byte("Subject: x\r\n\r\n\x00\xff{}\n\r\n"),
}

// A letter comes out of its row as it went in, whatever its bytes are.
func TestLetterBody(t *testing.T) {
	for _, want := range []Letter{letter, {Kind: AlarmLetter, Raw: []byte("\n")}} {
		got, err := DecodeLetter(want.Encode())
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
	}
	if body := letter.Encode(); bytes.Count(body, letter.Raw) != 1 || len(body) > len(letter.Raw)+300 {
		t.Errorf("%d bytes for a letter of %d", len(body), len(letter.Raw))
	}
}

// A letter with room behind it is encoded in place, and one without is left alone.
func TestEncodeInPlace(t *testing.T) {
	roomy := letter
	roomy.Raw = append(make([]byte, 0, len(letter.Raw)+EncodeRoom(letter.Text)), letter.Raw...)
	if body := roomy.Encode(); &body[0] != &roomy.Raw[0] || string(roomy.Raw) != string(letter.Raw) {
		t.Error("a letter with room is copied, or changed")
	}
	tight := letter
	tight.Raw = append(bytes.Clone(letter.Raw), "what follows"...)[:len(letter.Raw):len(letter.Raw)]
	if tight.Encode(); string(tight.Raw[:len(letter.Raw)]) != string(letter.Raw) {
		t.Error("a letter is changed by its encoding")
	}
}

// Rows that an earlier release left are read.
func TestLetterBodyOfEarlierRelease(t *testing.T) {
	body, err := json.Marshal(letter)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeLetter(body)
	if diff := cmp.Diff(letter, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	for _, broken := range []string{"", "\n", "{", "raw", "raw\n", "raw\n{"} {
		if l, err := DecodeLetter([]byte(broken)); err == nil {
			t.Errorf("%q is read as %+v", broken, l)
		}
	}
}
