namespace SqueezeBert.Training.Optimization;

/// <summary>
/// The learning rate at a point of a stage: up in a straight line, then linear, cosine, constant, or constant with a decay at the end.
/// </summary>
internal static class LearningRateSchedule
{
    // The first step would be at zero and learn nothing.
    private const double MinFactor = 0.01;

    /// <summary>The rate in a warm-up of a number of steps.</summary>
    /// <param name="peak">Rate at its end.</param>
    /// <param name="steps">Its length.</param>
    /// <param name="step">Steps done, fewer than <paramref name="steps"/>.</param>
    public static double WarmingUp(double peak, long steps, long step) => peak * Math.Max((double)step / steps, MinFactor);

    /// <param name="kind">What follows the warm-up.</param>
    /// <param name="peak">Rate at the end of the warm-up.</param>
    /// <param name="warmup">Share of the stage, 0 to 1.</param>
    /// <param name="progress">Share of the stage that is done, 0 to 1.</param>
    /// <param name="decay">Share of the stage at its end in which a stable rate goes down to zero.</param>
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
