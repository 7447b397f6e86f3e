using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Inference.Steps;

/// <summary>
/// Two linear layers with an activation between them and equal groups: the groups are independent networks, so that the middle of one at a
/// time (rows x middle / groups) stays in the cache.
/// </summary>
internal sealed unsafe class FeedForwardStep(
    PlanValue output, PlanValue middle, PlanValue input, PackedLinear up, Activation activation, PackedLinear down, PlanValue? residual)
    : RowStep(output, residual is null ? [input] : [input, residual])
{
    /// <summary>Scratch for the middle: all groups wide, since threads that share the columns fill them all.</summary>
    public PlanValue Middle { get; } = middle;

    public override PlanValue? Overwritable => residual == input || !down.CanOverwriteResidual ? null : residual;

    public override int StageCount => 2;

    /// <summary>Panels of the wider layer; the narrower one's are shared out over as many parts.</summary>
    public override int PartCount => Math.Max(up.PanelCount, down.PanelCount);

    public override IEnumerable<PackedMatrix> Matrices => up.Groups.SelectMany((matrix, group) => new[] { matrix, down.Groups[group] });

    public override void Execute(Execution execution, int start, int count, int worker)
    {
        // One group's middle at a time in the same memory.
        var scratch = execution.Pointer(Middle, start, worker);
        for (var group = 0; group < up.Groups.Length; group++)
        {
            Up(execution, start, count, worker, group, 0, up.Groups[group].PanelCount, scratch, up.OutputsPerGroup);
            Down(execution, start, count, worker, group, 0, down.Groups[group].PanelCount, scratch, up.OutputsPerGroup);
        }
    }

    public override void ExecuteParts(Execution execution, int count, int stage, int firstPart, int partCount)
    {
        var layer = stage == 0 ? up : down;
        var first = (int)((long)firstPart * layer.PanelCount / PartCount);
        var end = (int)((long)(firstPart + partCount) * layer.PanelCount / PartCount);
        var panels = layer.Groups[0].PanelCount;
        var scratch = execution.Pointer(Middle, 0, 0);
        while (first < end)
        {
            var group = first / panels;
            var panel = first % panels;
            var take = Math.Min(panels - panel, end - first);
            var middleOfGroup = scratch + (group * up.OutputsPerGroup);
            if (stage == 0) Up(execution, 0, count, 0, group, panel, take, middleOfGroup, up.Outputs);
            else Down(execution, 0, count, 0, group, panel, take, middleOfGroup, up.Outputs);
            first += take;
        }
    }

    private void Up(Execution execution, int start, int count, int worker, int group, int panel, int panels, float* target, int stride) =>
        MatrixMultiply.Packed(
            execution.Pointer(Inputs[0], start, worker) + (group * up.InputsPerGroup),
            Inputs[0].Width,
            up.Groups[group],
            panel,
            panels,
            target,
            stride,
            count,
            up.Bias is null ? null : up.Bias + (group * up.OutputsPerGroup),
            activation,
            null,
            0);

    private void Down(Execution execution, int start, int count, int worker, int group, int panel, int panels, float* source, int stride)
    {
        var column = group * down.OutputsPerGroup;
        MatrixMultiply.Packed(
            source,
            stride,
            down.Groups[group],
            panel,
            panels,
            execution.Pointer(Output, start, worker) + column,
            Output.Width,
            count,
            down.Bias is null ? null : down.Bias + column,
            Activation.None,
            residual is null ? null : execution.Pointer(residual, start, worker) + column,
            residual?.Width ?? 0);
    }
}
