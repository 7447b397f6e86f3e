using SqueezeBert.Training.Optimization;

namespace SqueezeBert.Training.Tests.Optimization;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData(ScheduleKind.Linear, 0.0, 0.00004)]
    [InlineData(ScheduleKind.Linear, 0.1, 0.002)]
    [InlineData(ScheduleKind.Linear, 0.2, 0.004)]
    [InlineData(ScheduleKind.Linear, 0.4, 0.003)]
    [InlineData(ScheduleKind.Linear, 1.0, 0.0)]
    [InlineData(ScheduleKind.Linear, 1.5, 0.0)]
    [InlineData(ScheduleKind.Cosine, 0.1, 0.002)]
    [InlineData(ScheduleKind.Cosine, 0.2, 0.004)]
    [InlineData(ScheduleKind.Cosine, 0.6, 0.002)]
    [InlineData(ScheduleKind.Cosine, 1.0, 0.0)]
    [InlineData(ScheduleKind.Constant, 0.05, 0.001)]
    [InlineData(ScheduleKind.Constant, 0.2, 0.004)]
    [InlineData(ScheduleKind.Constant, 1.0, 0.004)]
    public void WarmsUpAndFalls(ScheduleKind kind, double progress, double expected) =>
        Assert.Equal(expected, LearningRateSchedule.At(kind, 0.004, 0.2, progress), 1e-12);

    [Fact]
    public void ACosineHasItsShape() =>
        Assert.Equal(0.5 * (1 + Math.Cos(Math.PI * 0.25)), LearningRateSchedule.At(ScheduleKind.Cosine, 1, 0.2, 0.4), 1e-12);

    [Theory]
    [InlineData(ScheduleKind.Linear, 1.0)]
    [InlineData(ScheduleKind.Cosine, 1.0)]
    [InlineData(ScheduleKind.Constant, 1.0)]
    public void WithoutAWarmUpTheFirstStepHasThePeak(ScheduleKind kind, double expected) =>
        Assert.Equal(expected, LearningRateSchedule.At(kind, 1, 0, 0));

    [Fact]
    public void AWarmUpMayBeTheWholeStage()
    {
        Assert.Equal(0.5, LearningRateSchedule.At(ScheduleKind.Linear, 1, 1, 0.5));
        Assert.Equal(1, LearningRateSchedule.At(ScheduleKind.Linear, 1, 1, 1));
    }

    [Theory]
    [InlineData(0.05, 0.001)]
    [InlineData(0.2, 0.004)]
    [InlineData(0.75, 0.004)]
    [InlineData(0.875, 0.002)]
    [InlineData(1.0, 0.0)]
    public void AStableRateDecaysAtTheEnd(double progress, double expected) =>
        Assert.Equal(expected, LearningRateSchedule.At(ScheduleKind.WarmupStableDecay, 0.004, 0.2, progress, 0.25), 1e-12);

    [Theory]
    [InlineData(0, 0.01)]
    [InlineData(1, 0.01)]
    [InlineData(150, 0.5)]
    public void AWarmUpMayHaveANumberOfSteps(long step, double expected) =>
        Assert.Equal(expected, LearningRateSchedule.WarmingUp(1, 300, step), 1e-12);
}
