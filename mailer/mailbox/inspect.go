package mailbox

import "context"

// Inspection is what a look at the server found.
type Inspection struct {
	// Letters wait in the folder.
	Letters int
	// DoneExists: the folder for what is done is there; else it will be made.
	DoneExists bool
	// Idle: the server tells of new letters itself; else it is asked each
	// minute.
	Idle bool
}

// Inspect logs in, looks and changes nothing.
func (s Server) Inspect(ctx context.Context) (Inspection, error) {
	c, err := s.connect(ctx)
	if err != nil {
		return Inspection{}, err
	}
	defer c.logout(ctx)
	var found Inspection
	if found.DoneExists, err = c.has(ctx, s.Done); err != nil {
		return found, err
	}
	if _, err = c.open(ctx, s.Folder); err != nil {
		return found, err
	}
	uids, err := c.uids(ctx)
	found.Letters, found.Idle = len(uids), c.client.Caps().Has("IDLE")
	return found, err
}
