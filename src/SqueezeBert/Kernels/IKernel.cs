using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Products.Microkernels;

namespace SqueezeBert.Kernels;

/// <summary>
/// A kernel with its arguments. It is written once over 16 lanes, and once as a scalar version that is its readable reference. It is a
/// struct, so that <see cref="InstructionSets.Run{TKernel}"/> is compiled for each kernel and calls it directly.
/// </summary>
internal interface IKernel
{
    void Run<TLanes>()
        where TLanes : struct, ILanes<TLanes>;

    void RunScalar();
}

/// <summary>A kernel that uses plain vectors, like the tiles of matrix products.</summary>
internal interface ITileKernel
{
    void Run<TSimd, TVector>()
        where TSimd : struct, ISimd<TVector>
        where TVector : struct;

    void RunScalar();
}
