using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Inference.Operations;

/// <summary>Mean or maximum over each text's tokens, in the order of the tokens.</summary>
internal sealed unsafe class PoolOperation(PlanValue output, PlanValue input, PoolKind kind) : SequenceOperation(output, input)
{
    public override int Parts(Execution execution) => execution.TextCount;

    public override long Work(Execution execution) => (long)execution.RowCount(Inputs[0]) * Output.Width;

    public override void Execute(Execution execution, int part, int worker)
    {
        var target = new Span<float>(execution.Pointer(Output, part, worker), Output.Width);
        var (start, end) = (execution.TextStart(part), execution.TextStart(part + 1));
        new ReadOnlySpan<float>(execution.Pointer(Inputs[0], start, worker), target.Length).CopyTo(target);
        for (var row = start + 1; row < end; row++)
        {
            var source = new ReadOnlySpan<float>(execution.Pointer(Inputs[0], row, worker), target.Length);
            if (kind == PoolKind.Mean)
            {
                for (var i = 0; i < target.Length; i++) target[i] += source[i];
            }
            else
            {
                for (var i = 0; i < target.Length; i++) target[i] = MathF.Max(target[i], source[i]);
            }
        }

        if (kind != PoolKind.Mean) return;
        for (var i = 0; i < target.Length; i++) target[i] /= end - start;
    }
}
