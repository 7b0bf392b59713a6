module switchyard/bench/peers

go 1.19
