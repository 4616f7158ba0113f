# That a Sentinel takes no order any more is not seen at the last look.
# file: Sources/FailoverCore/Moves/MoveRules.swift
s/\+ \[orderProblem\(plan.through, since: since\)\]\.compactMap \{ \$0 \} //
