using System.Collections.Concurrent;
using Spectre.Console;
using Spectre.Console.Rendering;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Training;

namespace SqueezeBert.Cli.Training;

/// <summary>
/// For a terminal: a bar a stage with loss, speed and time left, events as lines above it. The training runs on a thread of its own. On an
/// interruption the bar goes at once, so that a second one finds the terminal as it was.
/// </summary>
internal sealed class LiveTrainingDisplay(IAnsiConsole console, CancellationToken cancellationToken)
    : ITrainingDisplay, IProgress<TrainingProgress>
{
    private const int RefreshMilliseconds = 100;

    // A stage's name, percentage, loss, speed and time left.
    private const int OtherColumns = 70;

    // Weight of the past in the loss that is shown; one step's loss jumps about.
    private const double LossMemory = 0.95;

    private readonly ConcurrentQueue<TrainingProgress> _events = new();
    private readonly Dictionary<int, ProgressTask> _bars = [];
    private volatile Status? _status;

    private sealed record Status(TrainingProgress Progress, double Loss);

    public T Show<T>(Func<IProgress<TrainingProgress>, T> train)
    {
        var training = Task.Factory.StartNew(() => train(this), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        console.Progress()
            .Columns(new TaskDescriptionColumn(), ProgressBar.Bar(console, OtherColumns), new PercentageColumn(), new StatusColumn(this))
            .Start(bars =>
            {
                while (Task.WaitAny([training], RefreshMilliseconds, CancellationToken.None) < 0
                    && !cancellationToken.IsCancellationRequested) Update(bars);
                Update(bars);
                if (!training.IsCompletedSuccessfully) return;
                foreach (var bar in _bars.Values) bar.Value = 1;
            });
        if (cancellationToken.IsCancellationRequested && !training.IsCompleted)
            console.WriteLine("stopping; Ctrl-C again ends at once, without a checkpoint");
        try
        {
            return training.GetAwaiter().GetResult();
        }
        finally
        {
            WriteEvents();
        }
    }

    void IProgress<TrainingProgress>.Report(TrainingProgress value)
    {
        if (value.Event != TrainingEvent.Step)
        {
            _events.Enqueue(value);
            return;
        }

        var last = _status;
        var isSameStage = last is not null && last.Progress.StageIndex == value.StageIndex;
        _status = new Status(value, isSameStage ? (LossMemory * last!.Loss) + ((1 - LossMemory) * value.Loss) : value.Loss);
    }

    private void Update(ProgressContext bars)
    {
        WriteEvents(bars);
        if (_status is not { } status || !_bars.TryGetValue(status.Progress.StageIndex, out var bar)) return;
        bar.IsIndeterminate = false;
        bar.Value = status.Progress.Fraction;
    }

    private void WriteEvents(ProgressContext? bars = null)
    {
        while (_events.TryDequeue(out var progress))
        {
            if (bars is not null && !_bars.ContainsKey(progress.StageIndex))
            {
                foreach (var finished in _bars.Values) finished.Value = 1;
                _bars.Add(progress.StageIndex, bars.AddTask(Markup.Escape(ProgressText.Stage(progress)), maxValue: 1).IsIndeterminate());
            }

            if (ProgressText.Event(progress) is { } text) console.WriteLine($"{ProgressText.Stage(progress)}: {text}");
        }
    }

    /// <summary>Loss, speed and time left of the stage that runs.</summary>
    private sealed class StatusColumn(LiveTrainingDisplay display) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(display._status is { } status && !task.IsFinished && !task.IsIndeterminate
                ? ProgressText.Status(status.Progress, status.Loss) : "");
    }
}
