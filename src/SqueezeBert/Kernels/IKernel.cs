using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Products.Microkernels;

namespace SqueezeBert.Kernels;

/// <summary>
/// A kernel and its arguments: written once over 16 lanes, and as a scalar twin that is its readable reference. A struct, so that
/// <see cref="InstructionSets.Run{TKernel}"/> is compiled for each kernel and calls it directly.
/// </summary>
internal interface IKernel
{
    void Run<TLanes>()
        where TLanes : struct, ILanes<TLanes>;

    void RunScalar();
}

/// <summary>A kernel over bare vectors, as the tiles of matrix products are.</summary>
internal interface ITileKernel
{
    void Run<TSimd, TVector>()
        where TSimd : struct, ISimd<TVector>
        where TVector : struct;

    void RunScalar();
}
