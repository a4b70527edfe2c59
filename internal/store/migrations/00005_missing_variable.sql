-- +goose Up

-- The variable of the template that a parked contact has no value for
-- (MessageCannotBeRendered); NULL for every other park. It stands beside the
-- park's causes, because those rows go with the park whichever release closes it.
ALTER TABLE parked_on ADD COLUMN variable text;

-- Parks of the releases before, which had it in their sentence only.
UPDATE parked_on p SET variable = substring(e.detail FROM '\{\{ (\S+) \}\}, which this contact has no value for')
  FROM enrollments e
 WHERE e.id = p.enrollment_id AND e.code = 'MessageCannotBeRendered' AND p.seq = e.park_seq;

-- +goose Down
ALTER TABLE parked_on DROP COLUMN variable;
