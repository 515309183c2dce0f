// Objective
