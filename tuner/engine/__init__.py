"""Many executions: asked for, submitted, remembered, told."""
