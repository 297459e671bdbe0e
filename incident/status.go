package incident

// Status is where an incident stands.
type Status string

// The states of an incident.
const (
	Registered Status = "registered"
	InProgress Status = "in_progress"
	Waiting    Status = "waiting" // support asked the reporter and waits
	Resolved   Status = "resolved"
	Closed     Status = "closed"
	Cancelled  Status = "cancelled"
)

// Statuses are all of them, in the order of an incident's life.
var Statuses = []Status{Registered, InProgress, Waiting, Resolved, Closed, Cancelled}

// statuses is the one table of what each state means.
var statuses = map[Status]struct {
	name string
	open bool
}{
	Registered: {"Зарегистрировано", true},
	InProgress: {"В работе", true},
	Waiting:    {"Ждёт уточнения", true},
	Resolved:   {"Решено", false},
	Closed:     {"Закрыто", false},
	Cancelled:  {"Отменено", false},
}

// String returns the status in the words that people see.
func (s Status) String() string { return statuses[s].name }

// Open says whether support still has work to do on the incident.
func (s Status) Open() bool { return statuses[s].open }
