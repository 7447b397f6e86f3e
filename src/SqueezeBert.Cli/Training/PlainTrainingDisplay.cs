using System.Diagnostics;
using System.Globalization;
using SqueezeBert.Training;

namespace SqueezeBert.Cli.Training;

/// <summary>For a file or a log: a line an event, and one now and then for the steps.</summary>
internal sealed class PlainTrainingDisplay(TextWriter error, TimeSpan interval) : ITrainingDisplay, IProgress<TrainingProgress>
{
    private long _lastLine;
    private double _losses;
    private int _steps;

    public T Show<T>(Func<IProgress<TrainingProgress>, T> train) => train(this);

    void IProgress<TrainingProgress>.Report(TrainingProgress value)
    {
        if (value.Event != TrainingEvent.Step)
        {
            if (value.Event == TrainingEvent.Stage) _lastLine = 0;
            if (ProgressText.Event(value) is { } text) error.WriteLine($"{ProgressText.Stage(value)}: {text}");
            return;
        }

        _losses += value.Loss;
        _steps++;

        // The first step of a stage is shown at once: it tells that all is well, and how fast.
        if (_lastLine != 0 && Stopwatch.GetElapsedTime(_lastLine) < interval) return;
        _lastLine = Stopwatch.GetTimestamp();
        error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{ProgressText.Stage(value)}: step {value.Step}  {value.Tokens:N0} tokens  {ProgressText.Percent(value.Fraction)}  " +
                $"{ProgressText.Status(value, _losses / _steps)}"));
        (_losses, _steps) = (0, 0);
    }
}
