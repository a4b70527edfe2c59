package crash

import (
	"maps"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/worker"

	"relance/internal/devstack/temporal/histories"
	"relance/workflows"
)

// Workers of the release before and of today serve the same enrollments: each task is done
// as its worker does it, and replayed so by the other, after a wait and after a park
// (laws 1 and 2).
func TestWorkersOfTwoReleasesServeOneEnrollment(t *testing.T) {
	t.Parallel()
	for scenario, r := range map[string]struct {
		builds     [3]string
		firstTries int // the steps' tries inside a task: of the intro; of the city, which parks; of the city again and of the last
	}{
		"first_try_between_old_workers":  {[3]string{oldBuild, "", oldBuild}, 1},
		"first_try_around_an_old_worker": {[3]string{"", oldBuild, ""}, 3},
	} {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			s := setStage(t, "")
			first := s.built(r.builds[0])
			s.enroll("series", "ada@contoso.example")
			s.comesTo(s.state, "sent by claim 1; Waiting; 4 credits")
			first.kill()

			second := s.built(r.builds[1])
			s.comesTo(s.state, "sent by claim 1; InError MessageCannotBeRendered, park 1; 4 credits")
			second.kill()

			s.built(r.builds[2])
			s.starter("contacts", "set", s.ids(), "--field", "city=Ghent")
			s.comesTo(s.state, "sent by claim 1, sent by claim 1, sent by claim 1; Completed; 2 credits")
			require.Len(t, s.accepted(), 3)

			recorded := histories.Record(t, s.outreach.Client, scenario, s.workflow(s.contacts[0]), "")
			require.Equal(t, r.firstTries, count(recorded, enums.EVENT_TYPE_MARKER_RECORDED))
			require.Zero(t, count(recorded, enums.EVENT_TYPE_WORKFLOW_TASK_FAILED))
			replayer := worker.NewWorkflowReplayer()
			workflows.Register(replayer)
			require.NoError(t, replayer.ReplayWorkflowHistory(nil, recorded))
		})
	}
}

// A worker dies in the middle of a step, and one of the other release has it next.
func TestAWorkerOfTheOtherReleaseTakesOver(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]struct {
		dies, next string // the builds
		row
	}{
		"from an activity to a worker of today": {oldBuild, "", row{at: claim + after, scene: toAda,
			ends: "sent by claim 2; Completed; 4 credits"}},
		"from a first try to a worker of before": {"", oldBuild, row{at: claim + after, scene: toAda,
			ends: "sent by claim 2; Completed; 4 credits"}},
		"from a first try on the wire": {"", oldBuild, row{at: gate + after, scene: toAda,
			ends: "uncertain by claim 1; InError DeliveryUncertain, park 1; 4 credits", then: looksAndAnswers}},
		"from a first try that leaves a park": {"", oldBuild, row{at: tried + after, scene: withoutSender,
			ends: "unclaimed; InError OwnerHasNoSendingAddress, park 1; 5 credits", then: selectSender}},
		"from an activity that has parked": {oldBuild, "", row{at: hold + after, scene: withoutSender,
			ends: "unclaimed; InError OwnerHasNoSendingAddress, park 1; 5 credits", then: selectSender}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setStage(t, "")
			s.doomed = s.builtToDie(r.dies, r.at)
			r.scene(s)
			s.doomed.isKilled(t)
			s.built(r.next)
			s.comesTo(s.state, r.ends)
			if r.then != nil {
				r.then(s)
			}
			s.allThrough()
		})
	}
}

// built starts a worker of this build, which dies when the test says so.
func (s *stage) built(build string) *process {
	s.t.Helper()
	return s.builtToDie(build, "")
}

func (s *stage) builtToDie(build, at string) *process {
	s.t.Helper()
	env := maps.Clone(s.env)
	env[buildVariable], env[shapeVariable] = build, firstTriesAnyway
	return s.launch(env, workerRole, at, syscall.SIGKILL)
}
