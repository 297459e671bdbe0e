package e2e

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"intakebot/e2e/harness"
)

// TestAlertsFire: each rule fires when it should and is silent when not, by
// Prometheus' own word; and each has a heading in the operators' page.
func TestAlertsFire(t *testing.T) {
	t.Parallel()
	rules, err := os.ReadFile("deploy/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	tests, err := os.ReadFile("deploy/alerts_test.yml")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`alert: (\w+)`).FindAllStringSubmatch(string(rules), -1) {
		for _, what := range []string{" fires: ", " is silent: "} {
			if !strings.Contains(string(tests), m[1]+what) {
				t.Errorf("no test in deploy/alerts_test.yml: %s%s", m[1], what)
			}
		}
		if !strings.Contains(string(page), "\n### "+m[1]+"\n") {
			t.Errorf("docs/operations.md has no heading for %s", m[1])
		}
	}
	if _, err := exec.LookPath("promtool"); err != nil {
		harness.Missing(t, "promtool")
	}
	if said, err := exec.Command("promtool", "test", "rules", "deploy/alerts_test.yml").CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, said)
	}
}
