package operator

import "context"

// FoldGrown makes the counters small again that have grown since a worker did it last,
// so that what follows reads them quickly. They say the same before and after.
func (o *Operator) FoldGrown(ctx context.Context) error {
	db, err := o.database(ctx)
	if err != nil {
		return err
	}
	return db.FoldGrown(ctx)
}
