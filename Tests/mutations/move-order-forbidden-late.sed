# That a Sentinel takes no order any more is not seen at the last look.
# file: Sources/FailoverCore/Moves/MoveRules.swift
# caught by: M70-order-forbidden-meanwhile.txt
s/\+ \[orderProblem\(plan.through, since: since\)\]\.compactMap \{ \$0 \} //
