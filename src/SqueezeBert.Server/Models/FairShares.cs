namespace SqueezeBert.Server.Models;

/// <summary>
/// Divides the machine among the models that have work now, in the proportion of their shares: texts are let through to the models' queues
/// in the order of a weighted fair queue, so many at a time that batches stay full. A model without work gets nothing, and has no claim to
/// it later. Thread-safe.
/// </summary>
/// <param name="room">How much is let through at a time, in parts of what a model takes at once; always one text.</param>
internal sealed class FairShares(double room)
{
    private readonly object _lock = new();
    private readonly List<ShareLine> _lines = [];
    private double _out;
    private double _now;

    /// <summary>Adds a model.</summary>
    /// <param name="share">Its part, against the others' parts.</param>
    public ShareLine AddLine(double share)
    {
        var line = new ShareLine(share);
        lock (_lock) _lines.Add(line);
        return line;
    }

    /// <summary>Waits until a text may go to its model's queue; what comes back is disposed when it is computed.</summary>
    /// <param name="line">The model's.</param>
    /// <param name="work">What it costs the machine, in the same unit for all models.</param>
    /// <param name="part">Which part it is of what its model takes at once.</param>
    /// <param name="cancellationToken">Gives up the wait.</param>
    /// <exception cref="OperationCanceledException">Cancelled while it waited.</exception>
    public async ValueTask<Turn> EnterAsync(ShareLine line, double work, double part, CancellationToken cancellationToken)
    {
        var waiter = new ShareWaiter(work, part);
        List<ShareWaiter> passed;
        lock (_lock)
        {
            // Who had nothing to do starts where the others are.
            if (line.Waiting.Count == 0) line.Passed = Math.Max(line.Passed, _now);
            waiter.Place = line.Waiting.AddLast(waiter);
            passed = LetThrough();
        }

        Tell(passed);
        if (!waiter.Through.Task.IsCompleted)
        {
            using var registration = cancellationToken.UnsafeRegister(
                static (state, token) => ((ShareWaiter)state!).Through.TrySetCanceled(token), waiter);
            try
            {
                await waiter.Through.Task.ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                GiveUp(waiter);
                throw;
            }
        }

        return new Turn(this, part);
    }

    private void Leave(double part)
    {
        List<ShareWaiter> passed;
        lock (_lock)
        {
            _out -= part;
            passed = LetThrough();
        }

        Tell(passed);
    }

    /// <summary>One that was let through in the moment of giving up hands its room on.</summary>
    private void GiveUp(ShareWaiter waiter)
    {
        bool isThrough;
        lock (_lock)
        {
            isThrough = waiter.Place!.List is null;
            if (!isThrough) waiter.Place.List!.Remove(waiter.Place);
        }

        if (isThrough) Leave(waiter.Part);
    }

    /// <summary>Takes out of their lines those for whom there is room.</summary>
    private List<ShareWaiter> LetThrough()
    {
        var passed = new List<ShareWaiter>();
        while (true)
        {
            ShareLine? next = null;
            foreach (var line in _lines)
            {
                if (line.Waiting.Count > 0 && (next is null || line.Passed < next.Passed)) next = line;
            }

            if (next?.Waiting.First is not { } first || (_out > 0 && _out + first.Value.Part > room)) return passed;
            next.Waiting.RemoveFirst();
            _out += first.Value.Part;
            _now = next.Passed;
            next.Passed += first.Value.Work / next.Share;
            passed.Add(first.Value);
        }
    }

    /// <summary>Off the lock, because who waits goes on at once.</summary>
    private static void Tell(List<ShareWaiter> passed)
    {
        foreach (var waiter in passed) waiter.Through.TrySetResult();
    }

    /// <summary>A text's room on its way; disposed once.</summary>
    internal readonly struct Turn(FairShares? shares, double part) : IDisposable
    {
        public void Dispose() => shares?.Leave(part);
    }
}

/// <summary>Texts of a model that wait to be let through.</summary>
/// <param name="share">The model's part of the machine.</param>
internal sealed class ShareLine(double share)
{
    public double Share => share;

    /// <summary>What was let through, divided by the share: the line that has least is next.</summary>
    public double Passed { get; set; }

    public LinkedList<ShareWaiter> Waiting { get; } = [];
}

/// <summary>A text that waits.</summary>
/// <param name="work">What it costs the machine.</param>
/// <param name="part">Of what its model takes at once.</param>
internal sealed class ShareWaiter(double work, double part)
{
    public double Work => work;

    public double Part => part;

    public TaskCompletionSource Through { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LinkedListNode<ShareWaiter>? Place { get; set; }
}
