namespace SqueezeBert.Training.Optimization;

/// <summary>
/// The learning rate at a point of a stage: a linear warm-up, followed by a linear, cosine or constant course, or by a constant one with a
/// decay at the end.
/// </summary>
internal static class LearningRateSchedule
{
    // The first step would be at zero and learn nothing.
    private const double MinFactor = 0.01;

    /// <summary>Returns the rate in a warm-up with a given number of steps.</summary>
    /// <param name="peak">The rate at the end of the warm-up.</param>
    /// <param name="steps">The number of steps of the warm-up.</param>
    /// <param name="step">The number of completed steps, less than <paramref name="steps"/>.</param>
    public static double WarmingUp(double peak, long steps, long step) => peak * Math.Max((double)step / steps, MinFactor);

    /// <param name="kind">The course after the warm-up.</param>
    /// <param name="peak">The rate at the end of the warm-up.</param>
    /// <param name="warmup">The share of the warm-up in the stage, 0 to 1.</param>
    /// <param name="progress">The completed share of the stage, 0 to 1.</param>
    /// <param name="decay">The share of the stage, at its end, in which a constant rate decays to zero.</param>
    public static double At(ScheduleKind kind, double peak, double warmup, double progress, double decay = 0)
    {
        progress = Math.Clamp(progress, 0, 1);
        if (progress < warmup) return peak * Math.Max(progress / warmup, MinFactor);
        var rest = warmup >= 1 ? 0 : (progress - warmup) / (1 - warmup);
        return peak * kind switch
        {
            ScheduleKind.Linear => 1 - rest,
            ScheduleKind.Cosine => (1 + Math.Cos(Math.PI * rest)) / 2,
            ScheduleKind.WarmupStableDecay when progress > 1 - decay => (1 - progress) / decay,
            _ => 1,
        };
    }
}
