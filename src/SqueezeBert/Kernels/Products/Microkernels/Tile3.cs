using System.Runtime.CompilerServices;

namespace SqueezeBert.Kernels.Products.Microkernels;

/// <summary>Tiles three vectors wide and up to 8 rows high: 24 sums in registers.</summary>
internal static unsafe class Tile3<TSimd, TVector, TRows>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TRows : struct, IRows
{
    /// <inheritdoc cref="TileArguments"/>
    [MethodImpl(LeafKernel.Compilation)]
    public static void Run(TileArguments* t)
    {
        int w = TSimd.Count, w2 = w * 2;

        // A row of a is found from a pointer for each four rows, which takes fewer registers than one for each.
        nint row = t->ARowStride, row2 = row * 2, row3 = row * 3, aStep = t->AStep, bStep = t->BStep;
        float* a0 = t->A, a4 = a0 + (row * 4), b = t->B;
        TVector c00 = default, c01 = default, c02 = default;
        TVector c10 = default, c11 = default, c12 = default;
        TVector c20 = default, c21 = default, c22 = default;
        TVector c30 = default, c31 = default, c32 = default;
        TVector c40 = default, c41 = default, c42 = default;
        TVector c50 = default, c51 = default, c52 = default;
        TVector c60 = default, c61 = default, c62 = default;
        TVector c70 = default, c71 = default, c72 = default;

        if (t->Accumulate)
        {
            var c = t->C;
            c00 = TSimd.Load(c);
            c01 = TSimd.Load(c + w);
            c02 = TSimd.Load(c + w2);
            if (TRows.Value > 1) { c += t->CStride; c10 = TSimd.Load(c); c11 = TSimd.Load(c + w); c12 = TSimd.Load(c + w2); }
            if (TRows.Value > 2) { c += t->CStride; c20 = TSimd.Load(c); c21 = TSimd.Load(c + w); c22 = TSimd.Load(c + w2); }
            if (TRows.Value > 3) { c += t->CStride; c30 = TSimd.Load(c); c31 = TSimd.Load(c + w); c32 = TSimd.Load(c + w2); }
            if (TRows.Value > 4) { c += t->CStride; c40 = TSimd.Load(c); c41 = TSimd.Load(c + w); c42 = TSimd.Load(c + w2); }
            if (TRows.Value > 5) { c += t->CStride; c50 = TSimd.Load(c); c51 = TSimd.Load(c + w); c52 = TSimd.Load(c + w2); }
            if (TRows.Value > 6) { c += t->CStride; c60 = TSimd.Load(c); c61 = TSimd.Load(c + w); c62 = TSimd.Load(c + w2); }
            if (TRows.Value > 7) { c += t->CStride; c70 = TSimd.Load(c); c71 = TSimd.Load(c + w); c72 = TSimd.Load(c + w2); }
        }

        var next = t->Prefetch;
        var nextStep = t->PrefetchStep;
        for (var k = t->K; k > 0; k--)
        {
            TSimd.Prefetch(next);
            next += nextStep;
            TVector b0 = TSimd.Load(b), b1 = TSimd.Load(b + w), b2 = TSimd.Load(b + w2), x;
            x = TSimd.Broadcast(a0);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            c01 = TSimd.MultiplyAdd(x, b1, c01);
            c02 = TSimd.MultiplyAdd(x, b2, c02);
            if (TRows.Value > 1) { x = TSimd.Broadcast(a0 + row); c10 = TSimd.MultiplyAdd(x, b0, c10); c11 = TSimd.MultiplyAdd(x, b1, c11); c12 = TSimd.MultiplyAdd(x, b2, c12); }
            if (TRows.Value > 2) { x = TSimd.Broadcast(a0 + row2); c20 = TSimd.MultiplyAdd(x, b0, c20); c21 = TSimd.MultiplyAdd(x, b1, c21); c22 = TSimd.MultiplyAdd(x, b2, c22); }
            if (TRows.Value > 3) { x = TSimd.Broadcast(a0 + row3); c30 = TSimd.MultiplyAdd(x, b0, c30); c31 = TSimd.MultiplyAdd(x, b1, c31); c32 = TSimd.MultiplyAdd(x, b2, c32); }
            if (TRows.Value > 4) { x = TSimd.Broadcast(a4); c40 = TSimd.MultiplyAdd(x, b0, c40); c41 = TSimd.MultiplyAdd(x, b1, c41); c42 = TSimd.MultiplyAdd(x, b2, c42); }
            if (TRows.Value > 5) { x = TSimd.Broadcast(a4 + row); c50 = TSimd.MultiplyAdd(x, b0, c50); c51 = TSimd.MultiplyAdd(x, b1, c51); c52 = TSimd.MultiplyAdd(x, b2, c52); }
            if (TRows.Value > 6) { x = TSimd.Broadcast(a4 + row2); c60 = TSimd.MultiplyAdd(x, b0, c60); c61 = TSimd.MultiplyAdd(x, b1, c61); c62 = TSimd.MultiplyAdd(x, b2, c62); }
            if (TRows.Value > 7) { x = TSimd.Broadcast(a4 + row3); c70 = TSimd.MultiplyAdd(x, b0, c70); c71 = TSimd.MultiplyAdd(x, b1, c71); c72 = TSimd.MultiplyAdd(x, b2, c72); }
            a0 += aStep;
            if (TRows.Value > 4) a4 += aStep;
            b += bStep;
        }

        if (t->Bias is not null)
        {
            var bias = t->Bias;
            TVector b0 = TSimd.Load(bias), b1 = TSimd.Load(bias + w), b2 = TSimd.Load(bias + w2);
            c00 = TSimd.Add(c00, b0);
            c01 = TSimd.Add(c01, b1);
            c02 = TSimd.Add(c02, b2);
            if (TRows.Value > 1) { c10 = TSimd.Add(c10, b0); c11 = TSimd.Add(c11, b1); c12 = TSimd.Add(c12, b2); }
            if (TRows.Value > 2) { c20 = TSimd.Add(c20, b0); c21 = TSimd.Add(c21, b1); c22 = TSimd.Add(c22, b2); }
            if (TRows.Value > 3) { c30 = TSimd.Add(c30, b0); c31 = TSimd.Add(c31, b1); c32 = TSimd.Add(c32, b2); }
            if (TRows.Value > 4) { c40 = TSimd.Add(c40, b0); c41 = TSimd.Add(c41, b1); c42 = TSimd.Add(c42, b2); }
            if (TRows.Value > 5) { c50 = TSimd.Add(c50, b0); c51 = TSimd.Add(c51, b1); c52 = TSimd.Add(c52, b2); }
            if (TRows.Value > 6) { c60 = TSimd.Add(c60, b0); c61 = TSimd.Add(c61, b1); c62 = TSimd.Add(c62, b2); }
            if (TRows.Value > 7) { c70 = TSimd.Add(c70, b0); c71 = TSimd.Add(c71, b1); c72 = TSimd.Add(c72, b2); }
        }

        if (t->Residual is not null)
        {
            var residual = t->Residual;
            c00 = TSimd.Add(c00, TSimd.Load(residual));
            c01 = TSimd.Add(c01, TSimd.Load(residual + w));
            c02 = TSimd.Add(c02, TSimd.Load(residual + w2));
            if (TRows.Value > 1) { residual += t->ResidualStride; c10 = TSimd.Add(c10, TSimd.Load(residual)); c11 = TSimd.Add(c11, TSimd.Load(residual + w)); c12 = TSimd.Add(c12, TSimd.Load(residual + w2)); }
            if (TRows.Value > 2) { residual += t->ResidualStride; c20 = TSimd.Add(c20, TSimd.Load(residual)); c21 = TSimd.Add(c21, TSimd.Load(residual + w)); c22 = TSimd.Add(c22, TSimd.Load(residual + w2)); }
            if (TRows.Value > 3) { residual += t->ResidualStride; c30 = TSimd.Add(c30, TSimd.Load(residual)); c31 = TSimd.Add(c31, TSimd.Load(residual + w)); c32 = TSimd.Add(c32, TSimd.Load(residual + w2)); }
            if (TRows.Value > 4) { residual += t->ResidualStride; c40 = TSimd.Add(c40, TSimd.Load(residual)); c41 = TSimd.Add(c41, TSimd.Load(residual + w)); c42 = TSimd.Add(c42, TSimd.Load(residual + w2)); }
            if (TRows.Value > 5) { residual += t->ResidualStride; c50 = TSimd.Add(c50, TSimd.Load(residual)); c51 = TSimd.Add(c51, TSimd.Load(residual + w)); c52 = TSimd.Add(c52, TSimd.Load(residual + w2)); }
            if (TRows.Value > 6) { residual += t->ResidualStride; c60 = TSimd.Add(c60, TSimd.Load(residual)); c61 = TSimd.Add(c61, TSimd.Load(residual + w)); c62 = TSimd.Add(c62, TSimd.Load(residual + w2)); }
            if (TRows.Value > 7) { residual += t->ResidualStride; c70 = TSimd.Add(c70, TSimd.Load(residual)); c71 = TSimd.Add(c71, TSimd.Load(residual + w)); c72 = TSimd.Add(c72, TSimd.Load(residual + w2)); }
        }

        var target = t->C;
        TSimd.Store(target, c00);
        TSimd.Store(target + w, c01);
        TSimd.Store(target + w2, c02);
        if (TRows.Value > 1) { target += t->CStride; TSimd.Store(target, c10); TSimd.Store(target + w, c11); TSimd.Store(target + w2, c12); }
        if (TRows.Value > 2) { target += t->CStride; TSimd.Store(target, c20); TSimd.Store(target + w, c21); TSimd.Store(target + w2, c22); }
        if (TRows.Value > 3) { target += t->CStride; TSimd.Store(target, c30); TSimd.Store(target + w, c31); TSimd.Store(target + w2, c32); }
        if (TRows.Value > 4) { target += t->CStride; TSimd.Store(target, c40); TSimd.Store(target + w, c41); TSimd.Store(target + w2, c42); }
        if (TRows.Value > 5) { target += t->CStride; TSimd.Store(target, c50); TSimd.Store(target + w, c51); TSimd.Store(target + w2, c52); }
        if (TRows.Value > 6) { target += t->CStride; TSimd.Store(target, c60); TSimd.Store(target + w, c61); TSimd.Store(target + w2, c62); }
        if (TRows.Value > 7) { target += t->CStride; TSimd.Store(target, c70); TSimd.Store(target + w, c71); TSimd.Store(target + w2, c72); }
    }
}
