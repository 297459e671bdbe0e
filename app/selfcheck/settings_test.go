package selfcheck

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intakebot/app/config"
)

// TestSettingsToMend: the self-check says in Russian what to do about every
// variable, and about nothing else.
func TestSettingsToMend(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(slices.Sorted(slices.Values(config.Variables())), slices.Sorted(maps.Keys(settingTodo))); diff != "" {
		t.Errorf("(-variables +what to do):\n%s", diff)
	}
}
