using SqueezeBert.Memory;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Losses;

/// <summary>A loss that is computed for each row independently. Threads share the rows, and their losses are added in order.</summary>
internal abstract unsafe class RowLoss : Loss, IParallelBody
{
    private const int RowBlock = 8;

    private readonly NativeBuffer _memory = new();
    private RowResult[] _results = [];
    private float* _scratch;
    private int _scratchWidth;

    /// <summary>The rows of the current call.</summary>
    protected LossRows Rows { get; private set; }

    /// <summary>The target of the current call.</summary>
    protected LossTarget Target { get; private set; }

    /// <inheritdoc/>
    public override LossSum Compute(in LossRows rows, in LossTarget target, WorkerPool pool)
    {
        if (_results.Length < rows.Count) _results = new RowResult[2 * rows.Count];
        Rows = rows;
        Target = target;
        _scratchWidth = (ScratchWidth(rows.Width) + 15) & ~15;
        _memory.Reserve(NativeBuffer.BytesOf((long)_scratchWidth * pool.ThreadCount));
        _scratch = _memory.Floats;
        Begin(pool);
        pool.Run(this, (rows.Count + RowBlock - 1) / RowBlock);
        var sum = new LossSum(0, 0, 0, rows.Count);
        for (var row = 0; row < rows.Count; row++)
        {
            var result = _results[row];
            sum += new LossSum(result.Loss * result.Weight, result.Weight, result.IsCorrect ? 1 : 0, 0);
        }

        return sum;
    }

    void IParallelBody.Execute(int part, int worker)
    {
        var scratch = _scratch + ((long)worker * _scratchWidth);
        var end = Math.Min(Rows.Count, (part + 1) * RowBlock);
        for (var row = part * RowBlock; row < end; row++) _results[row] = Row(row, scratch);
    }

    /// <summary>Returns the number of floats of working memory for a row.</summary>
    protected abstract int ScratchWidth(int width);

    /// <summary>Checks the target, and computes what all rows share.</summary>
    protected abstract void Begin(WorkerPool pool);

    /// <summary>Returns the loss of a row, and writes or adds its gradient if it is requested.</summary>
    protected abstract RowResult Row(int row, float* scratch);

    /// <param name="Loss">The loss, before it is weighted.</param>
    /// <param name="Weight">The weight of the row.</param>
    /// <param name="IsCorrect">Whether its largest logit is that of the label.</param>
    protected readonly record struct RowResult(double Loss, double Weight, bool IsCorrect);
}
