using SqueezeBert.Training.Optimization;

namespace SqueezeBert.Training.Running;

/// <summary>How far a stage has come, and its learning rate there.</summary>
internal sealed class StageSchedule(StageRecipe stage)
{
    /// <summary>Share of the stage that is done, 0 to 1: that of the limit which is nearest.</summary>
    /// <param name="state">Where the stage stands.</param>
    /// <param name="epochPosition">Share of the epoch that is done.</param>
    /// <param name="seconds">Training time of the stage so far.</param>
    public double Fraction(StageState state, double epochPosition, double seconds)
    {
        double fraction = 0;
        if (stage.Steps is { } steps) fraction = (double)state.Step / steps;
        if (stage.Tokens is { } tokens) fraction = Math.Max(fraction, (double)state.Tokens / tokens);
        if (stage.Epochs is { } epochs) fraction = Math.Max(fraction, (state.Epoch + epochPosition) / epochs);
        if (stage.Minutes is { } minutes) fraction = Math.Max(fraction, seconds / (60 * minutes));
        return Math.Min(fraction, 1);
    }

    /// <summary>The learning rate of the next step.</summary>
    /// <param name="step">Steps that are done.</param>
    /// <param name="fraction">Share of the stage that is done.</param>
    public double LearningRate(long step, double fraction)
    {
        var warmup = stage.WarmupSteps is null ? stage.Warmup : 0;
        var rate = LearningRateSchedule.At(stage.Schedule, stage.LearningRate, warmup, fraction, stage.Decay);
        return stage.WarmupSteps is { } steps && step < steps
            ? Math.Min(rate, LearningRateSchedule.WarmingUp(stage.LearningRate, steps, step))
            : rate;
    }
}
