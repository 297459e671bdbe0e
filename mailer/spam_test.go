package mailer

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"intakebot/incident"
	"intakebot/outbox"
)

// A filter of the usual make, without the network, has nothing against the
// letters, also when the person's address is at a free mail service.
func TestSpamAssassin(t *testing.T) {
	program, err := exec.LookPath("spamassassin")
	if err != nil {
		if os.Getenv("INTAKEBOT_TEST_STRICT") != "" {
			t.Fatal("needs spamassassin: apt-get install spamassassin")
		}
		t.Skip("needs spamassassin: apt-get install spamassassin")
	}
	l := writer()
	l.From, l.UIT, l.Support = "Бот техподдержки <bot@rosint.net>", "sd@kurganobl.ru", "155@krasnodar.pro"
	i, second := escalated(l)
	solved := sampleSolved(l)
	for _, one := range []*incident.Incident{&i, &solved} {
		set(one, incident.Email, "ivanova.m78@mail.ru")
		set(one, incident.Description, one.Description()+"\nНаписать можно и на ketovo@yandex.ru.")
	}
	for name, write := range map[string]func() (outbox.Letter, error){
		"escalation": func() (outbox.Letter, error) { return l.Escalation(i, second, sampleFiles()...) },
		"support":    func() (outbox.Letter, error) { return supportCopy(l, i) },
		"closing":    func() (outbox.Letter, error) { return closing(l, solved) },
	} {
		letter, err := write()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(program, "--local", "--test-mode")
		cmd.Stdin = strings.NewReader(string(letter.Raw))
		out, err := cmd.Output()
		score := regexp.MustCompile(`(?m)^X-Spam-Status: .*score=(-?[\d.]+)`).FindSubmatch(out)
		if err != nil || score == nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		if points, _ := strconv.ParseFloat(string(score[1]), 64); points >= 1 {
			_, report, _ := strings.Cut(string(out), "Content analysis details:")
			t.Errorf("%s: %s points\n%s", name, score[1], report)
		}
	}
}
