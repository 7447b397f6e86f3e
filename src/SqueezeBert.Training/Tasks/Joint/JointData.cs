using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Joint;

/// <summary>The data of the heads of a stage, in the order of the heads.</summary>
internal sealed class JointData : StageData
{
    public JointData(IReadOnlyList<StageData> parts)
    {
        Parts = parts;
        Train = new JointSet(parts.Select(part => part.Train));
        HeldOut = new JointSet(parts.Select(part => part.HeldOut));
        foreach (var part in parts) Weights.AddRange(part.Weights);
    }

    public override IReadOnlyList<StageData> Parts { get; }
}
