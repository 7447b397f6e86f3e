namespace SqueezeBert.Server.Models;

/// <summary>
/// Divides the machine among the models that currently have work, in proportion to their shares. Texts are admitted to the queues of the
/// models in the order of a weighted fair queue, and enough at a time that batches stay full. A model without work gets nothing and has no
/// claim to it later. Thread-safe.
/// </summary>
/// <param name="room">
/// The amount that is admitted at a time, relative to what a model computes at once. At least one text is always admitted.
/// </param>
internal sealed class FairShares(double room)
{
    private readonly object _lock = new();
    private readonly List<ShareLine> _lines = [];
    private int _count;
    private double _out;
    private double _now;

    /// <summary>Adds a model.</summary>
    /// <param name="share">The share of the model, relative to those of other models.</param>
    public ShareLine AddLine(double share)
    {
        var line = new ShareLine(share);
        lock (_lock) _lines.Add(line);
        return line;
    }

    /// <summary>Waits until a text may enter the queue of its model. The result must be disposed when the text is computed.</summary>
    /// <param name="line">The line of the model.</param>
    /// <param name="work">The cost of the text for the machine, in the same unit for all models.</param>
    /// <param name="part">The cost of the text, relative to what its model computes at once.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="OperationCanceledException">The call was cancelled while it waited.</exception>
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
            Remove(part);
            passed = LetThrough();
        }

        Tell(passed);
    }

    /// <summary>Frees the room of an admitted text. Rounding leaves a residue, which must not take room once nothing is admitted.</summary>
    private void Remove(double part)
    {
        _count--;
        _out = _count == 0 ? 0 : _out - part;
    }

    /// <summary>Gives up waiting. If the text was admitted at the same moment, its room is passed on.</summary>
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

    /// <summary>Removes the texts for which there is room from their lines.</summary>
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

            if (next?.Waiting.First is not { } first || (_count > 0 && _out + first.Value.Part > room)) return passed;
            next.Waiting.RemoveFirst();
            _count++;
            _out += first.Value.Part;
            _now = next.Passed;
            next.Passed += first.Value.Work / next.Share;
            passed.Add(first.Value);
        }
    }

    /// <summary>
    /// Resumes the waiting calls. It must be called without the lock, because a waiter may continue immediately on this thread.
    /// </summary>
    private static void Tell(List<ShareWaiter> passed)
    {
        foreach (var waiter in passed) waiter.Through.TrySetResult();
    }

    /// <summary>The room of an admitted text. It must be disposed once.</summary>
    internal readonly struct Turn(FairShares? shares, double part) : IDisposable
    {
        public void Dispose() => shares?.Leave(part);
    }
}

/// <summary>The texts of a model that wait to be admitted.</summary>
/// <param name="share">The share of the model.</param>
internal sealed class ShareLine(double share)
{
    public double Share => share;

    /// <summary>The admitted work, divided by the share. The line with the smallest value is next.</summary>
    public double Passed { get; set; }

    public LinkedList<ShareWaiter> Waiting { get; } = [];
}

/// <summary>A text that waits to be admitted.</summary>
/// <param name="work">The cost for the machine.</param>
/// <param name="part">The cost, relative to what its model computes at once.</param>
internal sealed class ShareWaiter(double work, double part)
{
    public double Work => work;

    public double Part => part;

    public TaskCompletionSource Through { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LinkedListNode<ShareWaiter>? Place { get; set; }
}
